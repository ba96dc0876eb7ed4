package dev.tidemark.capture;

import java.util.Objects;

/** Where a node listens; written as {@code host:port}, its name in claims and logs. */
record NodeAddress(String host, int port) {
    NodeAddress {
        Objects.requireNonNull(host, "host");
    }

    /** The last colon divides, so that an IPv6 address may stand before it. */
    static NodeAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        return new NodeAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
