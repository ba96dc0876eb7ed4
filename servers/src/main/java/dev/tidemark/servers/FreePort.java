package dev.tidemark.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Picks loopback ports that nobody listens on. */
public final class FreePort {
    // Below the range from which systems take the ports of outgoing connections: one from there may be gone again
    // by the time that the server binds it. Redis Cluster's bus port (this one + 10000) stays valid too.
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 32_000;
    private static final int TRIES_MAX = 500;
    private static final Set<Integer> HANDED_OUT = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /** A port that was free a moment ago and was never handed out before in this JVM. */
    public static int next() {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (HANDED_OUT.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new ServerFailure("no free port between %d and %d in %d tries; something holds them all"
                .formatted(LOWEST, HIGHEST, TRIES_MAX));
    }

    /** Not to be handed out: a server of this JVM will listen there, by somebody's wish. */
    static void keep(int port) {
        HANDED_OUT.add(port);
    }

    /** This port if nobody listens on it and it was never handed out, else another one. */
    public static int preferring(int port) {
        return isFree(port) && HANDED_OUT.add(port) ? port : next();
    }

    static InetAddress loopback() {
        try {
            return InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
        } catch (IOException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** Whether nobody listens there at this moment. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(loopback(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
