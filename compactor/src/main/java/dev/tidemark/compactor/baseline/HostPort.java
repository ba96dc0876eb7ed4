package dev.tidemark.compactor.baseline;

import java.util.Objects;

/** Where a node listens; written as {@code host:port}, its name in claims and logs. */
record HostPort(String host, int port) {
    HostPort {
        Objects.requireNonNull(host, "host");
    }

    /** The last colon divides, so that an IPv6 address may stand before it. */
    static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
