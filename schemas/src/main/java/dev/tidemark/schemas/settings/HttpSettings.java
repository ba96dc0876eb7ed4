package dev.tidemark.schemas.settings;

import java.util.Objects;

/**
 * Where a service shows its metrics and its health. Each service has a port of its own, so that one file serves all of
 * them on one machine; port 0 shows nothing.
 *
 * @param bind an address of this machine; whoever reaches it may read, since nothing secret is shown
 */
public record HttpSettings(String bind, int capturePort, int compactorPort) {
    private static final int PORT_MAX = 65_535;

    public HttpSettings {
        Objects.requireNonNull(bind, "bind");
    }

    public static HttpSettings defaults() {
        return new HttpSettings("127.0.0.1", 9464, 9465);
    }

    void report(Problems problems) {
        problems.unless(
                bind.matches("[A-Za-z0-9.:_-]+"),
                "http.bind is '" + bind + "'; it is an address of this machine, for example 127.0.0.1 or 0.0.0.0");
        problems.unlessWithin("http.capture-port", capturePort, 0, PORT_MAX);
        problems.unlessWithin("http.compactor-port", compactorPort, 0, PORT_MAX);
    }
}
