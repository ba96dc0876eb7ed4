package dev.tidemark.servers;

import java.util.Objects;
import java.util.Optional;

/** Which requests a fault is for: a method and the beginning of the key (of a listing, of the prefix it asks for). */
public record S3Requests(Optional<String> method, String keyPrefix) {
    public S3Requests {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(keyPrefix, "keyPrefix");
    }

    public static S3Requests all() {
        return new S3Requests(Optional.empty(), "");
    }

    public static S3Requests puts() {
        return of("PUT");
    }

    /** GET is a listing too, when it names no key. */
    public static S3Requests gets() {
        return of("GET");
    }

    public static S3Requests of(String method) {
        return new S3Requests(Optional.of(method), "");
    }

    public S3Requests under(String prefix) {
        return new S3Requests(method, prefix);
    }

    boolean match(String itsMethod, String itsKey) {
        return method.map(itsMethod::equals).orElse(true) && itsKey.startsWith(keyPrefix);
    }
}
