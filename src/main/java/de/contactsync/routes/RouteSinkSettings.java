package de.contactsync.routes;

/**
 * A sink that is a route of the user.
 *
 * @param name      as {@code contacts.sinks} has it behind {@code route:}, and the column {@code delivery.sink}
 * @param batchSize contacts that the route is given at once; 1: one, as a map instead of a list
 * @param removesGone whether the route is also given contacts that JTL has no longer
 * @param mostGone  of a run's records, 0 to 1, that may be gone
 */
public record RouteSinkSettings(String name, int batchSize, boolean removesGone, double mostGone) {

    /** The endpoint that the route begins with. */
    public String uri() {
        return "direct:sink-" + name;
    }

    /** Whether an endpoint is that one, in either spelling. */
    public boolean isAt(String endpoint) {
        return isAt(uri(), endpoint);
    }

    /** Whether an endpoint, in either spelling, is {@code direct:NAME}. */
    public static boolean isAt(String direct, String endpoint) {
        return endpoint.replaceFirst("^direct:(//)?", "direct:")
                .replaceFirst("[?].*", "")
                .equals(direct);
    }

    /** Where the route is expected, in the working directory. */
    public String file() {
        return "routes/sink-" + name + ".camel.yaml";
    }
}
