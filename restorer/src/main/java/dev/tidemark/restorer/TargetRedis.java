package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.TargetLimits;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.LostAnswer;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Redis that we look at or fill. A lost connection stays lost: who answers later may be another server. */
final class TargetRedis implements AutoCloseable {
    private static final Duration CONNECT_LIMIT_MAX = Duration.ofSeconds(5);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

    /** A server that takes in a large payload says nothing until it has. */
    private static final Duration STREAM_SILENCE_MAX = Duration.ofMinutes(2);

    private static final String VALUE_BYTES_MAX = "proto-max-bulk-len";
    private static final long VALUE_BYTES_MAX_DEFAULT = 512L << 20;

    private final String address;
    private final RedisClient client;
    private final RestoreTarget target;
    private final Duration answerLimit;
    private final Lock transaction = new ReentrantLock();
    private final StatefulRedisConnection<byte[], byte[]> control;

    private TargetRedis(RestoreTarget target, Duration answerLimit, String consequence) {
        this.address = target.address();
        this.target = target;
        this.answerLimit = answerLimit;
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(target.host())
                .withPort(target.port())
                .withSsl(target.tls())
                .withTimeout(answerLimit);
        target.password().ifPresent(password -> {
            char[] secret = password.reveal().toCharArray();
            if (target.username().isPresent()) {
                uri.withAuthentication(target.username().get(), secret);
            } else {
                uri.withPassword(secret);
            }
        });
        this.client = RedisClient.create(uri.build());
        ClientOptions.Builder options = ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .timeoutOptions(TimeoutOptions.create())
                .socketOptions(
                        SocketOptions.builder().connectTimeout(connectLimit()).build());
        target.caFile()
                .ifPresent(file -> options.sslOptions(SslOptions.builder()
                        .jdkSslProvider()
                        .trustManager(file.toFile())
                        .build()));
        client.setOptions(options.build());
        try {
            this.control = open(0, consequence);
        } catch (RuntimeException e) {
            client.shutdown(Duration.ZERO, STOP_LIMIT);
            throw e;
        }
    }

    /**
     * Connects.
     *
     * @param answerLimit how long to wait for one answer
     * @param consequence of its not being reached
     */
    static TargetRedis open(RestoreTarget target, Duration answerLimit, String consequence) {
        return new TargetRedis(target, answerLimit, consequence);
    }

    String address() {
        return address;
    }

    RestoreTarget target() {
        return target;
    }

    /** Asks on the connection to database 0; what fails leaves as an error that ends with the consequence. */
    <T> T ask(Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> question, String consequence) {
        return askPatiently(question, answerLimit, consequence);
    }

    /** For a command that may take long, such as FLUSHALL. */
    <T> T askPatiently(
            Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> question,
            Duration patience,
            String consequence) {
        try {
            return answer(question.apply(control.async()), patience);
        } catch (RedisException | ExecutionException | TimeoutException e) {
            throw RedisReplies.failed(address, e, consequence);
        }
    }

    /** Whoever is told to stop while it waits must know all the same what became of its command. */
    private static <T> T answer(RedisFuture<T> answer, Duration patience) throws ExecutionException, TimeoutException {
        long beganNanos = System.nanoTime();
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return answer.get(patience.toNanos() - (System.nanoTime() - beganNanos), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    isInterrupted = true;
                } catch (TimeoutException e) {
                    answer.cancel(true);
                    throw new TimeoutException("no answer within %d s".formatted(patience.toSeconds()));
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One more connection, which has selected this database: so there is one. */
    StatefulRedisConnection<byte[], byte[]> open(int db, String consequence) {
        try {
            StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
            if (db != 0) {
                connection.sync().select(db);
            }
            stayOnTheLine(connection);
            return connection;
        } catch (RedisException e) {
            throw RedisReplies.failed(address, withAnswer(e), needing(db, consequence));
        }
    }

    /** Says something now and then, so that nobody hangs up. What it is answered does not matter, and it may be lost too. */
    private void stayOnTheLine(StatefulRedisConnection<byte[], byte[]> connection) {
        long everyMillis = RedisSocket.QUIET_MAX.toMillis();
        ScheduledFuture<?> unused = client.getResources()
                .eventExecutorGroup()
                .scheduleAtFixedRate(() -> ping(connection), everyMillis, everyMillis, TimeUnit.MILLISECONDS);
    }

    private void ping(StatefulRedisConnection<byte[], byte[]> connection) {
        if (transaction.tryLock()) {
            try {
                RedisFuture<String> unused = connection.async().ping();
            } finally {
                transaction.unlock();
            }
        }
    }

    /** For MULTI and what follows it: whatever somebody else says meanwhile would be part of it. */
    void inTransaction(Runnable commands) {
        transaction.lock();
        try {
            commands.run();
        } finally {
            transaction.unlock();
        }
    }

    private RedisException withAnswer(RedisException failure) {
        Optional<RedisRefused> refused = LostAnswer.behind(failure, socketAddress(STREAM_SILENCE_MAX));
        if (refused.isEmpty()) {
            return failure;
        }
        RedisException answered = new RedisConnectionException(refused.get().getMessage());
        answered.addSuppressed(failure);
        return answered;
    }

    /** A connection of its own kind, which has selected this database; the caller closes it. */
    RedisSocket socket(int db, String consequence) {
        return socket(db, answerLimit, consequence);
    }

    /** One that is also there while the server takes in a large payload of somebody else, and says nothing. */
    RedisSocket patientSocket(int db, String consequence) {
        return socket(db, STREAM_SILENCE_MAX, consequence);
    }

    private RedisSocket socket(int db, Duration silenceMax, String consequence) {
        try {
            return RedisSocket.open(socketAddress(silenceMax), db);
        } catch (IOException e) {
            throw RedisReplies.failed(address, e, needing(db, consequence));
        }
    }

    private static String needing(int db, String consequence) {
        return db == 0 ? consequence : "Database %d of it is needed. %s".formatted(db, consequence);
    }

    /** The same for values that are streamed, which a server may be long silent about. */
    RedisSocket stream(int db) throws IOException {
        return RedisSocket.open(socketAddress(STREAM_SILENCE_MAX), db);
    }

    private RedisAddress socketAddress(Duration silenceMax) {
        return new RedisAddress(
                target.host(),
                target.port(),
                target.tls(),
                target.caFile(),
                target.username(),
                target.password(),
                connectLimit(),
                silenceMax);
    }

    private Duration connectLimit() {
        return Collections.min(List.of(answerLimit, CONNECT_LIMIT_MAX));
    }

    /** The largest value that it takes, by its own account or, where that is not told, by default. */
    long valueBytesMax() {
        try {
            String bytes = control.sync().configGet(VALUE_BYTES_MAX).get(VALUE_BYTES_MAX);
            return bytes == null ? VALUE_BYTES_MAX_DEFAULT : Long.parseLong(bytes);
        } catch (RedisException refused) {
            return VALUE_BYTES_MAX_DEFAULT;
        }
    }

    int majorVersion(String consequence) {
        String version = info("server", consequence).getOrDefault("redis_version", "0");
        return Integer.parseInt(version.split("\\.", 2)[0]);
    }

    /** The version of what it dumps, and the latest that it restores; empty if it does not tell without being written to. */
    OptionalInt dumpVersion() {
        try {
            return OptionalInt.of(DumpPayload.version(Bytes.wrap(control.sync().functionDump())));
        } catch (RedisException olderOrRefused) {
            return OptionalInt.empty();
        }
    }

    /** What it can take in; what it will not tell is guessed from its version. */
    TargetLimits limits(boolean readsFooters, String consequence) {
        Map<String, String> server = info("server", consequence);
        String[] version = server.getOrDefault("redis_version", "0.0").split("\\.", -1);
        int guessed = TargetLimits.payloadVersionOf(
                Integer.parseInt(version[0]),
                version.length > 1 ? Integer.parseInt(version[1]) : 0,
                server.containsKey("valkey_version"));
        return new TargetLimits(dumpVersion().orElse(guessed), hasVectorSets(), hasModules(), readsFooters);
    }

    /** Whether it may have any; what it will not tell is no reason to refuse. */
    boolean hasVectorSets() {
        try {
            return control.sync().commandInfo("vadd").stream().anyMatch(Objects::nonNull);
        } catch (RedisException refused) {
            return true;
        }
    }

    private boolean hasModules() {
        try (RedisSocket socket = stream(0)) {
            socket.send("MODULE".getBytes(StandardCharsets.US_ASCII), "LIST".getBytes(StandardCharsets.US_ASCII));
            return socket.array() > 0;
        } catch (IOException refused) {
            return true;
        }
    }

    /** The lines of an INFO section. */
    Map<String, String> info(String section, String consequence) {
        Map<String, String> lines = new LinkedHashMap<>();
        for (String line :
                ask(redis -> redis.info(section), consequence).lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.startsWith("#")) {
                lines.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return lines;
    }

    /** By database, those that hold any. */
    Map<Integer, Long> keys(String consequence) {
        return counted("keys", consequence);
    }

    /** The databases with hashes of which a field expires. */
    Set<Integer> databasesWithExpiringFields(String consequence) {
        Map<Integer, Long> hashes = counted("subexpiry", consequence);
        hashes.values().removeIf(count -> count == 0);
        return hashes.keySet();
    }

    private Map<Integer, Long> counted(String what, String consequence) {
        Pattern count = Pattern.compile("(?:.*,)?" + what + "=(\\d+)(?:,.*)?");
        Map<Integer, Long> counts = new LinkedHashMap<>();
        info("keyspace", consequence).forEach((name, value) -> {
            Matcher found = count.matcher(value);
            if (name.matches("db\\d+") && found.matches()) {
                counts.put(Integer.parseInt(name.substring(2)), Long.parseLong(found.group(1)));
            }
        });
        return counts;
    }

    /** Its own clock. */
    long timeMillis(String consequence) {
        List<byte[]> time = ask(RedisAsyncCommands::time, consequence);
        return Long.parseLong(ascii(time.get(0))) * 1_000 + Long.parseLong(ascii(time.get(1))) / 1_000;
    }

    static String ascii(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    static TidemarkError refused(String message) {
        return new TidemarkError(ExitCode.TARGET_REFUSED, message);
    }

    /** Closes every connection, without waiting for replies that may never come. */
    @Override
    public void close() {
        client.shutdown(Duration.ZERO, STOP_LIMIT);
    }
}
