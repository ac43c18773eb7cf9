package de.contactsync.product;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;

/** Leaves a file behind when somebody makes an object of what was sent. */
final class Trap implements Serializable {

    private static final long serialVersionUID = 1;

    private final String marker;

    Trap(String marker) {
        this.marker = marker;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        Files.writeString(Path.of(marker), "made");
    }
}
