package de.contactsync.faults.agent;

import de.contactsync.oauth.RefreshPerThread;
import java.sql.Connection;
import java.sql.SQLException;
import net.bytebuddy.asm.Advice;
import org.apache.camel.Exchange;
import org.slf4j.LoggerFactory;

/** Mistakes that the fault tests must find when somebody makes them. */
public enum SeededBug {

    /** A chunk counts as done before its contacts are stored. */
    ACKNOWLEDGED_BEFORE_STORED("de.contactsync.persistence.ChunkStore", "markChunk", CommitsTheMark.class),

    /** Every call whose token was refused fetches one for itself. */
    ONE_REFRESH_PER_THREAD("de.contactsync.oauth.TokenSource", "replace", RefreshPerThread.class),

    /** Somebody wanted to see what is sent. */
    TOKEN_IN_A_LOG_LINE("de.contactsync.oauth.OAuthClientCredentialsProcessor", "process", LogsTheToken.class);

    final String type;
    final String method;
    final Class<?> advice;

    SeededBug(String type, String method, Class<?> advice) {
        this.type = type;
        this.method = method;
        this.advice = advice;
    }

    static final class CommitsTheMark {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Connection connection) throws SQLException {
            connection.setAutoCommit(true);
            connection.setAutoCommit(false);
        }
    }

    static final class LogsTheToken {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Exchange exchange) {
            LoggerFactory.getLogger("de.contactsync.jtl")
                    .info("asking with {}", exchange.getMessage().getHeader("Authorization"));
        }
    }
}
