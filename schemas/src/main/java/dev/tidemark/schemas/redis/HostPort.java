package dev.tidemark.schemas.redis;

import java.util.Objects;

/** Where a node listens; written as {@code host:port}, its name in claims and logs. */
public record HostPort(String host, int port) {
    public HostPort {
        Objects.requireNonNull(host, "host");
    }

    /** The last colon divides, so that an IPv6 address may stand before it. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
