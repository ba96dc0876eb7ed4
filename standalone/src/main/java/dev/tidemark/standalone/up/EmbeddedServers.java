package dev.tidemark.standalone.up;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.ServerFailure;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker and the bucket of a directory, as far as its settings want ours. */
public final class EmbeddedServers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);
    /** A broker of two small topics: what does not fit is refused by itself, and it is started again. */
    public static final int BROKER_HEAP_MEGABYTES = 256;

    private static final Duration FORMER_SELF_IS_GONE_WITHIN = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int RESTARTS_AN_HOUR_MAX = 5;

    private final Optional<S3Endpoint> s3;
    private final Optional<KafkaBroker> kafka;
    private final BrokerRoom room;
    private final Deque<Long> restartsNanos = new ArrayDeque<>();
    private volatile boolean closed;

    private EmbeddedServers(DataDirectory data, Optional<S3Endpoint> s3, Optional<KafkaBroker> kafka) {
        this.s3 = s3;
        this.kafka = kafka;
        this.room = new BrokerRoom(data.path());
    }

    /** Returns when they answer. */
    public static EmbeddedServers start(DataDirectory data, Settings settings) {
        EmbeddedAddresses addresses = EmbeddedAddresses.read(data.path());
        Optional<S3Endpoint> s3 = Optional.empty();
        if (addresses.serveBucketOf(settings)) {
            awaitFree(addresses.s3Port(), "s3.endpoint", "s3-port");
            s3 = Optional.of(orSaid(data, () -> startS3(data.path().resolve("s3"), addresses, settings.s3())));
        }
        try {
            Optional<KafkaBroker> kafka = Optional.empty();
            if (addresses.serveLogOf(settings)) {
                BrokerRoom.require(data.path());
                awaitFree(addresses.kafkaPort(), "kafka.bootstrap", "kafka-port");
                KafkaBroker broker = orSaid(data, () -> startKafka(data.path().resolve("kafka"), addresses));
                FormerMembers.putOut(broker, settings);
                kafka = Optional.of(broker);
            }
            return new EmbeddedServers(data, s3, kafka);
        } catch (RuntimeException e) {
            s3.ifPresent(S3Endpoint::close);
            throw e;
        }
    }

    /** After a kill -9 the broker of before may live for a moment longer than the process that ran it. */
    private static void awaitFree(int port, String key, String portKey) {
        try {
            Await.until(FORMER_SELF_IS_GONE_WITHIN, () -> FreePort.isFree(port), "port " + port + " is free");
        } catch (Await.TimedOut taken) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "port %d of 127.0.0.1 is in use by another program; nothing was started and nothing is lost. Stop that program, or put a free port into %s of tidemark.yml and into %s of embedded.properties beside it"
                            .formatted(port, key, portKey),
                    taken);
        }
    }

    private static <T> T orSaid(DataDirectory data, Supplier<T> start) {
        try {
            return start.get();
        } catch (ServerFailure | UncheckedIOException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "a server of 'tidemark up' did not start; what lies in %s is as it was. %s"
                            .formatted(data.path(), e.getMessage()),
                    e);
        }
    }

    private static S3Endpoint startS3(Path directory, EmbeddedAddresses addresses, S3Settings settings) {
        return S3Endpoint.start(S3Endpoint.Options.defaults()
                .withDirectory(directory)
                .withPort(addresses.s3Port())
                .withBucket(settings.bucket())
                .withCredentials(
                        settings.accessKeyId().orElseThrow(),
                        settings.secretAccessKey().orElseThrow().reveal()));
    }

    private static KafkaBroker startKafka(Path directory, EmbeddedAddresses addresses) {
        return KafkaBroker.start(KafkaBroker.Options.defaults()
                .withDirectory(directory)
                .withPort(addresses.kafkaPort())
                .withHeapMegabytesMax(BROKER_HEAP_MEGABYTES));
    }

    /** Keeps the broker running until it is closed, or the thread is interrupted; throws when the broker dies again and again. */
    public void await() throws InterruptedException {
        while (!closed) {
            Thread.sleep(LOOK.toMillis());
            if (!closed && kafka.isPresent() && !kafka.get().isAlive() && room.isThere()) {
                restart(kafka.get());
            }
        }
    }

    private synchronized void restart(KafkaBroker broker) {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        restartsNanos.removeIf(at -> now - at > Duration.ofHours(1).toNanos());
        if (restartsNanos.size() >= RESTARTS_AN_HOUR_MAX) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "the broker of 'tidemark up' ended %d times within an hour; what it acknowledged is on its disk. Its log says why: %s. Mend that, then start it again"
                            .formatted(RESTARTS_AN_HOUR_MAX + 1, broker.log()));
        }
        restartsNanos.add(now);
        LOG.warn("event=broker-died next=\"start it again\"");
        try {
            broker.restart();
        } catch (ServerFailure | Await.TimedOut e) {
            // Its words may be many lines of the broker's log, which says them too.
            LOG.warn("event=broker-not-started reason=\"its log says why: {}\" next=\"start it again\"", broker.log());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        kafka.ifPresent(KafkaBroker::close);
        s3.ifPresent(S3Endpoint::close);
    }
}
