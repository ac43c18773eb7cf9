package de.contactsync.keyfile;

import java.io.IOException;

/**
 * Finds out how many lines a CSV record has, by the rules of the parser that gets it, so that a lone quotation mark
 * costs its own line and not the rest of the file. A mark that closes a text stands before a separator or a line end;
 * a mark before anything else opens a text of its own, and then the one lines above was the lone one.
 */
final class CsvRecordSplitter {

    private enum State {
        FIELD_START,
        PLAIN,
        QUOTED,
        QUOTE_IN_QUOTED,
        BEHIND_QUOTED,
        BROKEN
    }

    private final ReadBuffer buffer;
    private final LineReader lineReader;
    private final byte separator;

    CsvRecordSplitter(ReadBuffer buffer, LineReader lineReader, char separator) {
        this.buffer = buffer;
        this.lineReader = lineReader;
        this.separator = (byte) separator;
    }

    /**
     * Puts the lines of the record that begins in the current one to it.
     *
     * @return false when a quotation mark is not closed; the text is then the first line alone
     */
    boolean complete() throws IOException {
        if (!lineReader.hasQuotes()) {
            return true;
        }
        State state = State.FIELD_START;
        int offset = lineReader.begin();
        while (true) {
            for (; offset < lineReader.length() && state != State.BROKEN; offset++) {
                state = after(state, buffer.at(offset));
            }
            if (state != State.QUOTED && state != State.BROKEN) {
                return true;
            }
            if (state == State.BROKEN || !lineReader.extend()) {
                lineReader.cutToFirst();
                return false;
            }
            offset = lineReader.lastLine();
        }
    }

    private State after(State state, byte next) {
        if (state != State.QUOTED && next == separator) {
            return State.FIELD_START;
        }
        boolean quote = next == '"';
        boolean blank = next >= 0 && next <= ' ';
        return switch (state) {
            case FIELD_START -> quote ? State.QUOTED : blank ? State.FIELD_START : State.PLAIN;
            case PLAIN -> State.PLAIN;
            case QUOTED -> quote ? State.QUOTE_IN_QUOTED : State.QUOTED;
            case QUOTE_IN_QUOTED -> quote ? State.QUOTED : blank ? State.BEHIND_QUOTED : State.BROKEN;
            case BEHIND_QUOTED -> blank ? State.BEHIND_QUOTED : State.BROKEN;
            case BROKEN -> State.BROKEN;
        };
    }
}
