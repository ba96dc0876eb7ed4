package dev.tidemark.standalone.configuration;

/** A value that is not what its key takes; the message goes on after the key: {@code is ...; for example ...}. */
final class BadValue extends Exception {
    BadValue(String message) {
        super(message);
    }
}
