package dev.tidemark.standalone.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Health;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door through which a running service is seen. It is open before the service starts, and says that it is starting. */
public final class StatusServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);
    private static final int THREADS = 2;
    private static final int WAITING_MAX = 16;
    private static final String CLIENT_SECONDS_MAX = "5";

    static {
        // The JDK's server reads these once. Without them a client that sends half a request holds a thread for ever.
        setUnlessSet("sun.net.httpserver.maxReqTime", CLIENT_SECONDS_MAX);
        setUnlessSet("sun.net.httpserver.maxRspTime", CLIENT_SECONDS_MAX);
        setUnlessSet("sun.net.httpserver.nodelay", "true");
    }

    private final ServiceMetrics metrics;
    private final ThreadPoolExecutor threads;
    private final Optional<HttpServer> server;
    private volatile Supplier<Health> health = () -> new Health(List.of(), List.of("it is starting"));

    private StatusServer(String source, Optional<HttpServer> server) {
        this.metrics = new ServiceMetrics(source);
        this.server = server;
        // Who finds the queue full is served by the thread that accepts: new clients wait, and nothing piles up.
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING_MAX),
                task -> {
                    Thread thread = new Thread(task, "tidemark-http");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    /**
     * Opens the door.
     *
     * @param source whose name every series carries
     * @param portKey the setting that holds the port, for messages
     * @param port 0 for no door at all: meters are counted then and shown to nobody
     */
    public static StatusServer open(String source, String bind, String portKey, int port) {
        if (port == 0) {
            return new StatusServer(source, Optional.empty());
        }
        StatusServer opened = new StatusServer(source, Optional.of(listen(bind, portKey, port)));
        opened.serve(opened.server.orElseThrow());
        LOG.info("event=http-listening address={}:{}", bind, port);
        return opened;
    }

    private static HttpServer listen(String bind, String portKey, int port) {
        InetSocketAddress address = new InetSocketAddress(bind, port);
        if (address.isUnresolved()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "http.bind is '%s', which is the name of no machine; nothing was started. Set it to an address of this machine, for example 127.0.0.1"
                            .formatted(bind));
        }
        try {
            return HttpServer.create(address, WAITING_MAX);
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "cannot listen on %s:%d (%s); nothing was started. Does another service use the port? Set %s to a free one, or to 0 to show nothing"
                            .formatted(bind, port, e.getMessage(), portKey),
                    e);
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private void serve(HttpServer listening) {
        listening.setExecutor(threads);
        listening.createContext("/", this::answer);
        listening.start();
    }

    /** Where the service registers what it counts. */
    public MeterRegistry registry() {
        return metrics.registry();
    }

    /** From now on this is what is said. */
    public void tell(Supplier<Health> supplier) {
        health = supplier;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply;
            try {
                reply = replyTo(
                        exchange.getRequestMethod(), exchange.getRequestURI().getPath());
            } catch (RuntimeException e) {
                LOG.warn("event=http-failed", e);
                reply = Reply.text(500, "unexpected failure; the log says more\n");
            }
            send(exchange, reply);
        }
    }

    private Reply replyTo(String method, String path) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Reply.text(405, "only GET and HEAD are understood\n");
        }
        return switch (path) {
            case "/metrics" -> new Reply(200, ServiceMetrics.CONTENT_TYPE, metrics.scrape());
            case "/healthz" -> Reply.alive(health.get());
            case "/readyz" -> Reply.ready(health.get());
            default -> Reply.text(404, "there are /metrics, /healthz and /readyz\n");
        };
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", reply.contentType());
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(reply.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(reply.status(), body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void close() {
        server.ifPresent(listening -> listening.stop(0));
        threads.shutdownNow();
        metrics.close();
    }
}
