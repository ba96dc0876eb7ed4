package dev.tidemark.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A real redis-server of ours on loopback.
 *
 * <p>{@code start} returns when the server answers and is the very process that was started: another one that holds the
 * port is an error, never a surprise. Nothing is persisted unless the options say so; {@link #shutdown} saves all the
 * same, so that a restart finds the data, and {@link #kill} does not.
 */
public final class RedisServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final int PORTS_MAX = 3;

    private final RedisBinary binary;
    private final ServerDirectory directory;
    private final int port;
    private final Options options;
    private ServerProcess process;

    private RedisServer(RedisBinary binary, ServerDirectory directory, int port, Options options) {
        this.binary = binary;
        this.directory = directory;
        this.port = port;
        this.options = options;
    }

    /**
     * What a server is started with; {@code config} are lines of redis.conf that come after ours.
     *
     * @param password of the default user, and what a replica says to its primary
     * @param tls whether the port speaks TLS, and nothing else does
     */
    public record Options(
            Optional<Path> binary,
            Optional<Path> directory,
            OptionalInt port,
            boolean appendOnly,
            Optional<String> password,
            boolean tls,
            List<String> config) {
        public Options {
            Objects.requireNonNull(binary, "binary");
            Objects.requireNonNull(directory, "directory");
            Objects.requireNonNull(port, "port");
            Objects.requireNonNull(password, "password");
            config = List.copyOf(config);
        }

        /** A server found on this machine (else the bundled one), a fresh directory, a free port, no persistence. */
        public static Options defaults() {
            return new Options(
                    Optional.empty(), Optional.empty(), OptionalInt.empty(), false, Optional.empty(), false, List.of());
        }

        public Options withBinary(Path path) {
            return new Options(Optional.of(path), directory, port, appendOnly, password, tls, config);
        }

        /** The directory is created if missing, and is the caller's: it is not deleted on close. */
        public Options withDirectory(Path path) {
            return new Options(binary, Optional.of(path), port, appendOnly, password, tls, config);
        }

        public Options withPort(int number) {
            return new Options(binary, directory, OptionalInt.of(number), appendOnly, password, tls, config);
        }

        /** Every write is on disk before it is answered: it survives kill -9. */
        public Options withAppendOnly() {
            return new Options(binary, directory, port, true, password, tls, config);
        }

        /** Of the default user, and what it says to a primary that it follows. */
        public Options withPassword(String secret) {
            return new Options(binary, directory, port, appendOnly, Optional.of(secret), tls, config);
        }

        /** TLS and nothing else on its port, with a certificate of our own authority; see {@link RedisServer#caFile}. */
        public Options withTls() {
            return new Options(binary, directory, port, appendOnly, password, true, config);
        }

        /** A replica from the start, of the server (or of the proxy) that listens there. */
        public Options withReplicaOf(int primaryPort) {
            return withConfig("replicaof 127.0.0.1 " + primaryPort);
        }

        public Options withConfig(String... lines) {
            List<String> all = new ArrayList<>(config);
            Collections.addAll(all, lines);
            return new Options(binary, directory, port, appendOnly, password, tls, all);
        }

        @Override
        public String toString() {
            return "Options[binary=%s, directory=%s, port=%s, tls=%s]".formatted(binary, directory, port, tls);
        }
    }

    /** A usable redis-server (6.2 or later) of this machine: named by the environment, or on the PATH. */
    public static Optional<RedisBinary> find() {
        return RedisBinary.find();
    }

    public static RedisServer start() {
        return start(Options.defaults());
    }

    public static RedisServer start(Options options) {
        RedisBinary binary = RedisBinary.toRun(options.binary());
        // A port that we chose may be taken between choosing and binding; one that the caller chose is meant.
        for (int tries = 1; options.port().isEmpty() && tries < PORTS_MAX; tries++) {
            try {
                return start(binary, options, FreePort.next());
            } catch (ServerFailure.PortTaken taken) {
                // On to the next.
            }
        }
        return start(binary, options, options.port().orElseGet(FreePort::next));
    }

    /** With the password, if there is one; {@code rediss} with TLS. */
    public URI uri() {
        return uri(options.password().map(password -> ":" + password + "@").orElse(""));
    }

    public URI uri(String user, String password) {
        return uri(user + ":" + password + "@");
    }

    /** What a client must trust to come in by TLS. */
    public Path caFile() {
        if (!options.tls()) {
            throw new IllegalStateException("the server was started without withTls()");
        }
        return LoopbackCertificate.get().caFile();
    }

    public int port() {
        return port;
    }

    public synchronized long pid() {
        return process.pid();
    }

    public synchronized boolean isAlive() {
        return process.isAlive();
    }

    synchronized boolean isRunning() {
        return process.isRunning();
    }

    /** As the program says it; a Valkey server says its own. */
    public String version() {
        return binary.version();
    }

    public RedisBinary binary() {
        return binary;
    }

    public Path directory() {
        return directory.path();
    }

    public Path log() {
        return directory.path().resolve("redis.log");
    }

    /** Leaves data and log where they are when this server is closed. */
    public RedisServer keepFiles() {
        directory.keep();
        return this;
    }

    /** kill -9. */
    public synchronized void kill() {
        process.kill();
    }

    /** SIGSTOP: connections stay open and nothing is answered. */
    public synchronized void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public synchronized void resume() {
        process.resume();
    }

    /** An orderly end that saves the data set, whatever the configuration says about saving. */
    public synchronized void shutdown() {
        if (!process.isAlive()) {
            return;
        }
        process.resume();
        try (RedisControl control = control(port, STOP_LIMIT)) {
            control.call("SHUTDOWN", "SAVE");
        } catch (IOException hungUp) {
            // The only good answer to SHUTDOWN is none; whether it worked shows below.
        }
        if (!process.isGoneWithin(STOP_LIMIT)) {
            throw process.failure("did not obey SHUTDOWN SAVE");
        }
    }

    /**
     * Starts it again on the same port, as it was configured; what the server forgets at a restart (CONFIG SET without
     * rewrite) it forgets here too. A running one is shut down first. After {@link #kill} the data that is there is
     * what had been persisted before.
     */
    public synchronized void restart(boolean keepData) {
        if (keepData) {
            shutdown();
        } else {
            kill();
            directory.delete(RedisConfig::isData);
        }
        launch();
    }

    /** Creates or replaces an ACL user, now and for every restart; rules as in ACL SETUSER, {@code "~rag:*", "+get"}. */
    public synchronized void aclUser(String name, String password, String... rules) {
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", name, "reset", "on", ">" + password));
        Collections.addAll(words, rules);
        try (RedisControl control = control()) {
            control.call(words.toArray(String[]::new));
            RedisConfig.rememberUser(configFile(), name, words.subList(3, words.size()));
        } catch (IOException e) {
            throw new ServerFailure("cannot create the ACL user %s".formatted(name), e);
        }
    }

    Optional<String> password() {
        return options.password();
    }

    /** As the server sees itself; empty if it does not answer. */
    Optional<String> role() {
        return ask(control -> control.info("replication", "role"));
    }

    /** What it has sent to everybody since it was started. */
    public long bytesAnswered() {
        return ask(control -> Long.parseLong(control.info("stats", "total_net_output_bytes")))
                .orElseThrow(() -> new ServerFailure(
                        "redis-server on port %d does not say how much it has sent; see %s".formatted(port, log())));
    }

    /** A command of the harness's own, whose failure is a failure of the test. */
    String call(String... words) {
        try (RedisControl control = control()) {
            return control.call(words);
        } catch (IOException e) {
            throw new ServerFailure(
                    "redis-server on port %d did not do %s; see %s".formatted(port, words[0], log()), e);
        }
    }

    /** Empty if the server is dead, paused, or says something else. */
    <T> Optional<T> ask(Question<T> question) {
        if (!isRunning()) {
            return Optional.empty();
        }
        try (RedisControl control = control()) {
            return Optional.of(question.of(control));
        } catch (IOException notNow) {
            return Optional.empty();
        }
    }

    /** Something that a running server can tell. */
    @FunctionalInterface
    interface Question<T> {
        T of(RedisControl control) throws IOException;
    }

    /** Returns when this replica has everything that its primary had when it was asked to. */
    public void awaitInSync() {
        new ReplicaLink(this).awaitInSync();
    }

    @Override
    public synchronized void close() {
        if (directory.isCallers() && process.isAlive()) {
            // The caller's data: SIGTERM saves it if the configuration has save points, as any operator expects.
            process.resume();
            process.terminate(STOP_LIMIT);
        }
        process.kill();
        directory.discard();
    }

    private static RedisServer start(RedisBinary binary, Options options, int port) {
        ServerDirectory directory = ServerDirectory.ofCallerOrFresh(options.directory(), "redis");
        RedisServer server = new RedisServer(binary, directory, port, options);
        RedisConfig.write(server.configFile(), directory.path(), port, options);
        server.launch();
        return server;
    }

    private synchronized void launch() {
        List<String> command = List.of(binary.path().toString(), configFile().toString());
        process = ServerProcess.start("redis-server", command, directory.path(), log());
        try {
            Await.until(START_LIMIT, this::isReady, "redis-server answers on port " + port + "; see " + log());
        } catch (RuntimeException e) {
            process.kill();
            throw e;
        }
    }

    /** Answers, has loaded its data, and is ours. */
    private boolean isReady() {
        boolean alive = process.isAlive();
        try (RedisControl control = control()) {
            long answering = Long.parseLong(control.info("server", "process_id"));
            if (answering != process.pid()) {
                throw process.portTaken(
                        "is not the server that answers on port %d: that is pid %d".formatted(port, answering));
            }
            return control.call("PING").equals("PONG")
                    && control.info("persistence", "loading").equals("0");
        } catch (IOException notYet) {
            if (!alive) {
                throw process.ended(port);
            }
            return false;
        }
    }

    /** Logged in, by TLS if it must be. */
    RedisControl control() throws IOException {
        return controlOf(port);
    }

    /** Another server's, which lets in whoever this one lets in. */
    RedisControl controlOf(int door) throws IOException {
        return control(door, ANSWER_LIMIT);
    }

    private RedisControl control(int door, Duration limit) throws IOException {
        RedisControl control = options.tls()
                ? RedisControl.openTls(door, limit, LoopbackCertificate.get().trust())
                : RedisControl.open(door, limit);
        try {
            if (options.password().isPresent()) {
                control.call("AUTH", options.password().get());
            }
            return control;
        } catch (IOException e) {
            control.close();
            throw e;
        }
    }

    private URI uri(String userInfo) {
        return URI.create((options.tls() ? "rediss://" : "redis://") + userInfo + "127.0.0.1:" + port);
    }

    private Path configFile() {
        return directory.path().resolve("redis.conf");
    }
}
