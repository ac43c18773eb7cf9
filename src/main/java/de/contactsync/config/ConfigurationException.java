package de.contactsync.config;

import java.util.List;

/** The settings cannot be used. One problem a line, each with its key, what was found and what was expected. */
public final class ConfigurationException extends RuntimeException {

    private final transient List<String> problems;

    public ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    List<String> problems() {
        return problems;
    }
}
