package de.contactsync.simulator;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * One way in which contact calls go wrong, and which calls. It concerns calls that pass all checks (token, tenant, ids,
 * quota), whether the contact exists or not. A rule for a share decides by the number of the call and the seed, so a
 * run can be repeated, and a second call for the same contact has its own chance.
 *
 * @param effect what happens instead of the proper answer
 * @param share  of the calls that the other two conditions allow, 0 to 1
 * @param ids    contact ids, or for lists of contacts customer ids; empty means all
 * @param times  at most so often per id; 0 means always
 * @param at     which calls it concerns
 */
public record Fault(Effect effect, double share, Set<UUID> ids, int times, Call at) {

    /** What a rule is about. */
    public enum Call {
        /** Of a contact, or of a list of them. */
        CONTACT,
        /** Of the token endpoint. */
        TOKEN,
        /** Of the login page. */
        LOGIN,
        /** Of the revocation endpoint. */
        REVOKE,
        /** That begins the registration of an app with JTL-Wawi. */
        REGISTER,
        /** That asks what became of a registration. */
        POLL,
        /** Of JTL-Wawi's {@code /info}. */
        INFO
    }

    /** What happens instead of the proper answer. */
    public sealed interface Effect {}

    /**
     * An HTTP answer.
     *
     * @param status 200 to 599
     * @param body   null for the body such a status usually has
     */
    public record Answer(int status, Body body) implements Effect {
        public Answer {
            if (status < 200 || status > 599) {
                throw new IllegalArgumentException("status " + status + " is none of 200 to 599");
            }
        }
    }

    /** No HTTP answer. */
    public record Broken(Connection connection) implements Effect {
        public Broken {
            Objects.requireNonNull(connection, "connection");
        }
    }

    /** The proper contact, but one byte each {@code pause}. */
    public record Drip(Duration pause) implements Effect {
        public Drip {
            if (pause.toMillis() < 1) {
                throw new IllegalArgumentException("drip must be 1ms or longer");
            }
        }
    }

    /** Status 302 with this {@code Location}. */
    public record Redirect(String url) implements Effect {
        public Redirect {
            // Vert.x refuses other characters in a header, which would leave the call without an answer.
            if (!url.matches("[\\x21-\\x7e]+")) {
                throw new IllegalArgumentException("redirect wants a URL, not \"" + url + "\"");
            }
        }
    }

    /** Bodies that no client can take for the contact it asked for. */
    public enum Body {
        /** A page, as a proxy sends it. */
        HTML,
        /** The first half of the JSON; Content-Length says so too. */
        TRUNCATED,
        EMPTY,
        /** A contact, but another one. */
        WRONG_ID,
        /** A contact without {@code id}. */
        NO_ID,
        /** A contact with a field of 64 MiB, sent chunked. */
        HUGE,
        /** A field of 256 MiB, gzipped to some 250 KB. */
        GZIP_BOMB
    }

    /** What becomes of the connection. */
    public enum Connection {
        /** Ends with RST. */
        RESET,
        /** Ends properly (FIN), without an answer. */
        CLOSE,
        /** Stays open, without an answer. */
        SILENT
    }

    public Fault {
        Objects.requireNonNull(effect, "effect");
        ids = Set.copyOf(ids);
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is not between 0 and 1");
        }
        boolean ofContact = effect instanceof Answer answer
                && answer.body() != null
                && answer.body() != Body.HTML
                && answer.body() != Body.EMPTY;
        if (at != Call.CONTACT && (!ids.isEmpty() || ofContact)) {
            throw new IllegalArgumentException(
                    "at=" + word(at) + " goes with body=html and body=empty only, and without ids");
        }
        if (times < 0) {
            throw new IllegalArgumentException("times " + times + " is less than 0");
        }
    }

    public static Fault status(int status) {
        return answer(status, null);
    }

    /** Status 200 with this body. */
    public static Fault body(Body body) {
        return answer(200, Objects.requireNonNull(body, "body"));
    }

    public static Fault answer(int status, Body body) {
        return always(new Answer(status, body));
    }

    public static Fault connection(Connection connection) {
        return always(new Broken(connection));
    }

    public static Fault drip(Duration pause) {
        return always(new Drip(pause));
    }

    public static Fault redirect(String url) {
        return always(new Redirect(url));
    }

    /** This fault for a part of the calls only. */
    public Fault share(double part) {
        return new Fault(effect, part, ids, times, at);
    }

    /** This fault for calls of this kind. */
    public Fault at(Call calls) {
        return new Fault(effect, share, ids, times, calls);
    }

    /** This fault for these contacts only, or for the lists of these customers. */
    public Fault onlyFor(UUID... someIds) {
        return new Fault(effect, share, Set.of(someIds), times, at);
    }

    /** This fault at most {@code count} times per contact or list, so that a later try succeeds. */
    public Fault times(int count) {
        return new Fault(effect, share, ids, count, at);
    }

    /**
     * Reads a rule as the command line has it, such as {@code status=503,share=0.01} or
     * {@code body=truncated,ids=UUID;UUID,times=1}.
     *
     * @throws IllegalArgumentException names the text, what is wrong with it and the forms there are
     */
    public static Fault parse(String text) {
        return FaultText.parse(text);
    }

    private static Fault always(Effect effect) {
        return new Fault(effect, 1, Set.of(), 0, Call.CONTACT);
    }

    /** {@code GZIP_BOMB} is written {@code gzip-bomb}. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
