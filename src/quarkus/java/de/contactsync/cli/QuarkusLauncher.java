package de.contactsync.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The command line on Quarkus. That there is such a class also keeps Camel from starting before a command says so. */
@QuarkusMain
public final class QuarkusLauncher {

    QuarkusLauncher() {}

    public static void main(String[] arguments) {
        Main.prepare();
        Quarkus.run(Commands.class, arguments);
    }

    public static final class Commands implements QuarkusApplication {
        @Override
        public int run(String... arguments) {
            return Main.run(arguments);
        }
    }
}
