package dev.tidemark.servers;

/** A server could not be started, stopped or told something; the message says where its log is. */
public class ServerFailure extends RuntimeException {
    ServerFailure(String message) {
        super(message);
    }

    ServerFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /** Somebody else has the port: the one failure to start after which another port helps. */
    static final class PortTaken extends ServerFailure {
        PortTaken(String message) {
            super(message);
        }
    }
}
