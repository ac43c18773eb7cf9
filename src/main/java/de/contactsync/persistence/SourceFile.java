package de.contactsync.persistence;

/**
 * Which file a run reads, the same whatever its content, and whatever its name is read as.
 *
 * @param place of one that was taken from the inbox, its folder there, which is no other file's; of any other, host and
 *     path
 * @param inbox the random id of the inbox it was taken from, null for any other
 */
public record SourceFile(String place, String inbox) {

    /** How the places of files begin that were taken from an inbox. */
    public static final String TAKEN = ".work/";
}
