package dev.tidemark.bench;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisBinary;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All that a soak disturbs: servers, services, the network between them, and the oracle that writes meanwhile. */
final class SoakGround implements AutoCloseable {
    private static final int OPS_PER_SECOND_MAX = 500;
    private static final int KEYS_PER_THREAD = 300;

    private final Opened opened = new Opened();
    private final Path directory;
    private final RedisServer redis;
    private final KafkaBroker kafka;
    private final S3Endpoint s3;
    private final RedisServer scratch;
    private final FaultProxy network;
    private final Settings settings;
    private final Oracle oracle;
    private final RedisCommands<String, String> admin;
    private final List<SoakProcess> captures = new ArrayList<>();
    private final SoakProcess compactor;

    SoakGround(long seed, int captureCount) {
        try {
            directory = Files.createTempDirectory("tidemark-soak-");
            redis = opened.add(RedisServer.start());
            requireExactExpiries(redis.binary());
            kafka = opened.add(KafkaBroker.start());
            s3 = opened.add(S3Endpoint.start());
            scratch = opened.add(RedisServer.start());
            network = opened.add(FaultProxy.before(redis));
            RedisClient client = RedisClient.create(redis.uri().toString());
            opened.add(client::shutdown);
            admin = client.connect().sync();
            List<String> told = List.of(
                    network.uri("redis").toString(),
                    kafka.bootstrap(),
                    s3.uri().toString(),
                    s3.bucket(),
                    s3.accessKey(),
                    s3.secretKey(),
                    directory.resolve("streams").toString());
            settings = SoakMain.settings(
                    redis.uri(),
                    told.get(1),
                    s3.uri(),
                    told.get(3),
                    told.get(4),
                    told.get(5),
                    directory.resolve("streams"));
            oracle = opened.add(Oracle.open(
                    redis.uri(),
                    OracleOptions.seeded(seed)
                            .withKeysPerThread(KEYS_PER_THREAD)
                            .withOpsPerSecondMax(OPS_PER_SECOND_MAX)));
            for (int i = 0; i < captureCount; i++) {
                captures.add(
                        opened.add(new SoakProcess(SoakMain.CAPTURE, directory, SoakMain.CAPTURE + "-" + i, told)));
            }
            compactor = opened.add(new SoakProcess(SoakMain.COMPACTOR, directory, SoakMain.COMPACTOR, told));
        } catch (IOException e) {
            opened.close();
            throw new UncheckedIOException("no temporary directory", e);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** Where a server tells them to a few milliseconds only, the oracle would call a true restore wrong. */
    static void requireExactExpiries(RedisBinary redis) {
        if (!redis.isAtLeast(7, 0)) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "redis-server %s tells expiries to a few milliseconds only, and a soak judges them exactly; nothing was judged. Install 7.0 or later, or name it in TIDEMARK_REDIS_SERVER"
                            .formatted(redis.version()));
        }
    }

    RedisServer redis() {
        return redis;
    }

    KafkaBroker kafka() {
        return kafka;
    }

    S3Endpoint s3() {
        return s3;
    }

    /** Where restores go. */
    RedisServer scratch() {
        return scratch;
    }

    /** Between the captures and Redis; the oracle has a way of its own. */
    FaultProxy network() {
        return network;
    }

    Settings settings() {
        return settings;
    }

    Oracle oracle() {
        return oracle;
    }

    RedisCommands<String, String> admin() {
        return admin;
    }

    List<SoakProcess> captures() {
        return captures;
    }

    SoakProcess compactor() {
        return compactor;
    }

    /** Configuration and logs, which stay. */
    Path directory() {
        return directory;
    }

    Points points() {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.points(true);
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
