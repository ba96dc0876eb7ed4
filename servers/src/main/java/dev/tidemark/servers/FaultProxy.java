package dev.tidemark.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bad network before a TCP server. Clients connect to {@link #port()} instead of the server's own; what they suffer
 * is told while they are connected.
 */
public final class FaultProxy implements AutoCloseable {
    /** Each connection has five threads. */
    private static final int CONNECTIONS_MAX = 256;

    private static final int BACKLOG = 128;
    private static final Duration BIND_LIMIT = Duration.ofSeconds(60);

    private final InetSocketAddress target;
    private final int port;
    private final Link up = new Link();
    private final Link down = new Link();
    private final Link peersUp = new Link();
    private final Link peersDown = new Link();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();
    private ServerSocket listener;
    private Thread acceptor;
    private volatile boolean closed;

    private FaultProxy(InetSocketAddress target, int port) {
        this.target = target;
        this.port = port;
    }

    public static FaultProxy before(String host, int port) {
        FaultProxy proxy = new FaultProxy(new InetSocketAddress(host, port), FreePort.next());
        proxy.accept();
        return proxy;
    }

    public static FaultProxy before(RedisServer redis) {
        return before("127.0.0.1", redis.port());
    }

    public int port() {
        return port;
    }

    int targetPort() {
        return target.getPort();
    }

    /** The same scheme at our address. */
    public URI uri(String scheme) {
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    /** How many connections there are now. */
    public int connections() {
        return connections.size();
    }

    /** How many connections there have been. */
    public long accepted() {
        return accepted.get();
    }

    /** One way, in each direction; a round trip takes twice as long. Zero takes it away. */
    public void latency(Duration oneWay) {
        if (oneWay.isNegative()) {
            throw new IllegalArgumentException("a latency is not negative: " + oneWay);
        }
        up.latency(oneWay);
        down.latency(oneWay);
    }

    /** For all connections together, in each direction. */
    public void bandwidth(long bytesPerSecond) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException(
                    "a bandwidth is positive, not %d bytes a second".formatted(bytesPerSecond));
        }
        up.bytesPerSecond(bytesPerSecond);
        down.bytesPerSecond(bytesPerSecond);
    }

    /** As fast as the machine. */
    public void unlimitedBandwidth() {
        up.bytesPerSecond(Long.MAX_VALUE);
        down.bytesPerSecond(Long.MAX_VALUE);
    }

    /** Resets all connections; new ones are accepted as before. */
    public void cut() {
        List.copyOf(connections).forEach(ProxiedConnection::cut);
    }

    /** Nobody listens here any more; connections that exist go on. */
    public synchronized void refuse() {
        stopListening();
        // A process that is just being started has inherited the socket, and holds the port open for a moment.
        Await.until(BIND_LIMIT, this::isRefusing, "nobody listens on port %d".formatted(port));
    }

    /** Asked as a client would: to try and listen there would be one more socket to inherit. */
    private boolean isRefusing() {
        try (Socket client = new Socket(FreePort.loopback(), port)) {
            return !client.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    private synchronized void stopListening() {
        try {
            if (listener != null) {
                listener.close();
                listener = null;
                // Who waits in accept() keeps the port open until it has woken up.
                acceptor.join();
            }
        } catch (IOException e) {
            throw new ServerFailure("the proxy cannot stop listening on port " + port, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Listens again after {@link #refuse}. */
    public synchronized void accept() {
        if (listener != null) {
            return;
        }
        // A moment may pass until the system has let go of the port.
        listener = Await.value(BIND_LIMIT, this::bind, "port %d can be bound".formatted(port));
        ServerSocket open = listener;
        acceptor = new Thread(() -> acceptFrom(open), "fault-proxy-" + port);
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** Nothing passes; connections stay open and new ones are accepted and held. Sent bytes wait for {@link #heal}. */
    public void blackHole() {
        up.hole(true);
        down.hole(true);
    }

    /**
     * The same, and for good, on the one connection that the server sees come from this port of ours. The server hears of
     * it when the client gives up.
     */
    public void silence(int port) {
        List.copyOf(connections).stream()
                .filter(connection -> connection.portTowardsServer() == port)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no connection comes from port " + port))
                .silence();
    }

    /** What was sent into the hole arrives after all, as TCP would have it. */
    public void heal() {
        up.hole(false);
        down.hole(false);
    }

    /** Nothing passes between the server and those who come from {@link #peerAddress}; all others notice nothing. */
    void blackHolePeers() {
        peersUp.hole(true);
        peersDown.hole(true);
    }

    void healPeers() {
        peersUp.hole(false);
        peersDown.hole(false);
    }

    /** Where servers come from when they talk to each other through proxies, so that clients can be told from them. */
    static String peerAddress() {
        return "127.0.0.2";
    }

    @Override
    public void close() {
        closed = true;
        stopListening();
        cut();
        for (Link link : List.of(up, down, peersUp, peersDown)) {
            link.close();
        }
    }

    private Optional<ServerSocket> bind() {
        try {
            ServerSocket socket = new ServerSocket();
            try {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(FreePort.loopback(), port), BACKLOG);
                return Optional.of(socket);
            } catch (IOException notYet) {
                socket.close();
                return Optional.empty();
            }
        } catch (IOException e) {
            throw new ServerFailure("no socket for the proxy on port " + port, e);
        }
    }

    private void acceptFrom(ServerSocket open) {
        while (!open.isClosed()) {
            try {
                serve(open.accept());
            } catch (IOException closedOrGivenUp) {
                // Closed: the loop ends. Otherwise that one client gave up before it was served.
            }
        }
    }

    private void serve(Socket client) throws IOException {
        if (connections.size() >= CONNECTIONS_MAX) {
            client.close();
            return;
        }
        boolean isPeer = client.getInetAddress().getHostAddress().equals(peerAddress());
        ProxiedConnection connection =
                new ProxiedConnection(client, isPeer ? peersUp : up, isPeer ? peersDown : down, connections::remove);
        connections.add(connection);
        connection.start("fault-proxy-%d-%d".formatted(port, accepted.incrementAndGet()), target);
        if (closed) {
            connection.cut();
        }
    }
}
