package de.contactsync.simulator;

import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Carries out faults. */
final class FaultResponses {

    private final Vertx vertx;
    private final ResponseBodies responseBodies;

    FaultResponses(Vertx vertx, ResponseBodies responseBodies) {
        this.vertx = vertx;
        this.responseBodies = responseBodies;
    }

    /** The proper answer, for faults that spoil it. */
    @FunctionalInterface
    interface Goods {

        /** @param change made to each contact */
        Buffer body(UnaryOperator<Map<String, String>> change);

        default Buffer body() {
            return body(UnaryOperator.identity());
        }
    }

    /** @param id of the contact, or of the customer whose contacts are listed */
    Response answer(Fault.Effect effect, UUID id, Goods goods) {
        if (effect instanceof Fault.Broken broken) {
            return new NoAnswer(broken.connection());
        }
        if (effect instanceof Fault.Drip drip) {
            return new Dripping(vertx, drip.pause().toMillis(), goods.body());
        }
        if (effect instanceof Fault.Redirect redirect) {
            return BufferedResponse.empty(302).with("Location", redirect.url());
        }
        Fault.Answer answer = (Fault.Answer) effect;
        return answer.body() == null ? responseBodies.usual(answer.status()) : corrupted(answer, id, goods);
    }

    private static Response corrupted(Fault.Answer answer, UUID id, Goods goods) {
        int status = answer.status();
        return switch (answer.body()) {
            case HTML -> BufferedResponse.html(status);
            case EMPTY -> BufferedResponse.empty(status);
            case TRUNCATED -> {
                Buffer body = goods.body();
                yield BufferedResponse.json(status, body.slice(0, body.length() / 2));
            }
            case WRONG_ID ->
                BufferedResponse.json(status, goods.body(contact -> withId(contact, another(contact.get("id")))));
            case NO_ID -> BufferedResponse.json(status, goods.body(contact -> withId(contact, null)));
            case HUGE -> new LargeBodies.Huge(status, id.toString());
            case GZIP_BOMB -> BufferedResponse.json(status, LargeBodies.bomb()).with("Content-Encoding", "gzip");
        };
    }

    private static Map<String, String> withId(Map<String, String> contact, String id) {
        Map<String, String> changed = new LinkedHashMap<>(contact);
        if (id == null) {
            changed.remove("id");
        } else {
            changed.put("id", id);
        }
        return changed;
    }

    private static String another(String id) {
        UUID uuid = UUID.fromString(id);
        return new UUID(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits() ^ 1).toString();
    }

    private record NoAnswer(Fault.Connection connection) implements Response {

        @Override
        public int status() {
            return 0;
        }

        @Override
        public void send(HttpServerRequest request) {
            switch (connection) {
                case SILENT -> {}
                case CLOSE -> request.connection().close();
                case RESET -> {
                    // Vert.x sets SO_LINGER for a whole server only; here it must be for this one connection.
                    ConnectionBase base = (ConnectionBase) request.connection();
                    base.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                    base.channel().close();
                }
            }
        }
    }

    private record Dripping(Vertx vertx, long pauseMillis, Buffer body) implements Response {

        @Override
        public int status() {
            return 200;
        }

        @Override
        public void send(HttpServerRequest request) {
            HttpServerResponse response = request.response()
                    .putHeader("Content-Type", "application/json; charset=utf-8")
                    .putHeader("Content-Length", Integer.toString(body.length()));
            drip(response, 0);
        }

        private void drip(HttpServerResponse response, int from) {
            if (response.closed()) {
                return;
            }
            if (from == body.length()) {
                response.end();
                return;
            }
            response.write(body.slice(from, from + 1));
            vertx.setTimer(pauseMillis, timer -> drip(response, from + 1));
        }
    }
}
