package dev.tidemark.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One Sentinel of {@link RedisSentinels}. It tells nobody any secret, so it asks for none; where the servers speak TLS, so does it. */
public final class RedisSentinel implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final RedisBinary binary;
    private final ServerDirectory directory;
    private final int port;
    private final boolean isTls;
    private ServerProcess process;

    private RedisSentinel(RedisBinary binary, ServerDirectory directory, int port, boolean isTls) {
        this.binary = binary;
        this.directory = directory;
        this.port = port;
        this.isTls = isTls;
    }

    /** What it shall watch: the master's name in Sentinel's words, where it is, and how to come in. */
    record Watch(String name, int port, int quorum, Duration downAfter, Optional<String> password, boolean tls) {
        List<String> lines() {
            List<String> lines = new ArrayList<>(List.of(
                    "sentinel monitor %s 127.0.0.1 %d %d".formatted(name, port, quorum),
                    "sentinel down-after-milliseconds %s %d".formatted(name, downAfter.toMillis()),
                    // A failover that failed is tried again after twice this.
                    "sentinel failover-timeout %s %d".formatted(name, 4 * downAfter.toMillis()),
                    "sentinel parallel-syncs %s 8".formatted(name)));
            password.ifPresent(secret -> lines.add("sentinel auth-pass %s %s".formatted(name, secret)));
            return lines;
        }
    }

    static RedisSentinel start(RedisBinary binary, Watch watch) {
        ServerDirectory directory = ServerDirectory.ofCallerOrFresh(Optional.empty(), "sentinel");
        RedisSentinel sentinel = new RedisSentinel(binary, directory, FreePort.next(), watch.tls());
        sentinel.configure(watch);
        sentinel.launch();
        return sentinel;
    }

    /** For clients, as {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public Path log() {
        return directory.path().resolve("sentinel.log");
    }

    /** kill -9. */
    public synchronized void kill() {
        process.kill();
    }

    /** SIGSTOP. */
    public synchronized void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public synchronized void resume() {
        process.resume();
    }

    /** Starts it again on the same port, with all that it had found out. */
    public synchronized void restart() {
        kill();
        launch();
    }

    @Override
    public synchronized void close() {
        process.kill();
        directory.discard();
    }

    /** Whom it names as primary now; empty if it does not answer. */
    Optional<Integer> primaryPort(String name) {
        return ask(control -> {
            List<byte[]> address = control.list("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
            return Integer.parseInt(new String(address.get(1), StandardCharsets.US_ASCII));
        });
    }

    /** A user of its own, until it is restarted. */
    public void aclUser(String name, String password, String... rules) {
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", name, "reset", "on", ">" + password));
        Collections.addAll(words, rules);
        try (RedisControl control = control()) {
            control.call(words.toArray(String[]::new));
        } catch (IOException e) {
            throw new ServerFailure("cannot create the ACL user %s on a Sentinel".formatted(name), e);
        }
    }

    boolean knows(int replicas, int sentinels) {
        return ask(control -> control.info("sentinel", "master0"))
                .map(line -> line.contains("status=ok,")
                        && line.endsWith("slaves=%d,sentinels=%d".formatted(replicas, sentinels)))
                .orElse(false);
    }

    private <T> Optional<T> ask(RedisServer.Question<T> question) {
        if (!isRunning()) {
            return Optional.empty();
        }
        try (RedisControl control = control()) {
            return Optional.of(question.of(control));
        } catch (IOException notNow) {
            return Optional.empty();
        }
    }

    private RedisControl control() throws IOException {
        return isTls
                ? RedisControl.openTls(
                        port, ANSWER_LIMIT, LoopbackCertificate.get().trust())
                : RedisControl.open(port, ANSWER_LIMIT);
    }

    private synchronized boolean isRunning() {
        return process.isRunning();
    }

    private void configure(Watch watch) {
        List<String> lines = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                // It goes out from where the servers do, and must be found where it listens.
                "bind-source-addr " + FaultProxy.peerAddress(),
                "daemonize no",
                "dir \"" + directory.path() + "\"",
                "sentinel announce-ip 127.0.0.1",
                "sentinel announce-port " + port));
        lines.addAll(isTls ? RedisConfig.tls(port) : List.of("port " + port));
        lines.addAll(watch.lines());
        try {
            Files.write(configFile(), lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + configFile(), e);
        }
    }

    private synchronized void launch() {
        List<String> command = List.of(binary.path().toString(), configFile().toString(), "--sentinel");
        process = ServerProcess.start("sentinel", command, directory.path(), log());
        try {
            Await.until(START_LIMIT, this::isOurs, "a Sentinel answers on port %d; see %s".formatted(port, log()));
            hurry();
        } catch (RuntimeException e) {
            process.kill();
            throw e;
        }
    }

    /** It looks at the servers and tells the others more often: a primary that comes back is demoted in 2 s, not 10. */
    private void hurry() {
        try (RedisControl control = control()) {
            control.call("SENTINEL", "DEBUG", "INFO-PERIOD", "500", "PUBLISH-PERIOD", "500");
        } catch (IOException e) {
            throw process.failure("does not take SENTINEL DEBUG: " + e.getMessage());
        }
    }

    private boolean isOurs() {
        if (!process.isAlive()) {
            throw process.ended(port);
        }
        Optional<String> answering = ask(control -> control.info("server", "process_id"));
        return answering.equals(Optional.of(Long.toString(process.pid())));
    }

    private Path configFile() {
        return directory.path().resolve("sentinel.conf");
    }
}
