package de.contactsync.command;

import java.util.List;

/** The settings cannot be used. One problem a line, each with its key, what was found and what was expected. */
final class ConfigurationException extends RuntimeException {

    ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
    }
}
