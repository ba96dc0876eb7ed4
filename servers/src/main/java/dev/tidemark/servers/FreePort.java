package dev.tidemark.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
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

    /**
     * A file in which each port has a byte: who locks it has the port until his JVM ends, though nobody listens there yet, or any more.
     * A broker is seconds on its way, and a killed server's port is free.
     */
    private static final Optional<FileChannel> BOOK = openBook();

    private FreePort() {}

    /** A port that was free a moment ago, and was handed out before to no JVM of this user's that still runs. */
    public static int next() {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isOurs(port) && isFree(port)) {
                return port;
            }
        }
        throw new ServerFailure("no free port between %d and %d in %d tries; something holds them all"
                .formatted(LOWEST, HIGHEST, TRIES_MAX));
    }

    /** Not to be handed out: a server of this JVM will listen there, by somebody's wish. */
    static void keep(int port) {
        isOurs(port);
    }

    /** This port if nobody listens on it and it was never handed out, else another one. */
    public static int preferring(int port) {
        return isFree(port) && isOurs(port) ? port : next();
    }

    /** From now on, if it was nobody's. */
    private static boolean isOurs(int port) {
        return HANDED_OUT.add(port) && BOOK.map(book -> isLocked(book, port)).orElse(true);
    }

    private static boolean isLocked(FileChannel book, int port) {
        try {
            return book.tryLock(port, 1, false) != null;
        } catch (IOException | OverlappingFileLockException untold) {
            return true;
        }
    }

    /** None where temporary files cannot be written: then ports are picked as well as one can. */
    private static Optional<FileChannel> openBook() {
        Path file = Path.of(System.getProperty("java.io.tmpdir"), "tidemark-ports-" + System.getProperty("user.name"));
        try {
            return Optional.of(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        } catch (IOException e) {
            return Optional.empty();
        }
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
