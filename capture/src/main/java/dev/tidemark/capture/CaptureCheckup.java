package dev.tidemark.capture;

import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.KafkaCheckup;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.util.List;

/** What a capture with these settings needs of Redis and of Kafka, tried before one is started. */
public final class CaptureCheckup {
    private CaptureCheckup() {}

    /** Examines every primary; what is found is there as soon as it is known. */
    public static void redis(Settings settings, Clock clock, Findings findings) {
        try (RedisServers servers = new RedisServers(settings.redis(), clock)) {
            for (NodeAddress primary : primaries(settings.redis(), servers, findings)) {
                new RedisCheckup(
                                servers.at(primary),
                                settings.redis(),
                                settings.source(),
                                clock,
                                findings.at(primary.toString()))
                        .run();
            }
        }
    }

    private static List<NodeAddress> primaries(RedisSettings redis, RedisServers servers, Findings findings) {
        try {
            List<NodeAddress> primaries = Topology.of(redis, servers).primaries().stream()
                    .map(Primary::address)
                    .toList();
            if (redis.cluster() || redis.sentinel().master().isPresent()) {
                findings.ok("primaries", primaries.size() + " found");
            }
            return primaries;
        } catch (TidemarkError e) {
            findings.missing(
                    "primaries",
                    e.getMessage(),
                    Mend.in(
                            Mend.Place.TIDEMARK_YML,
                            "redis.uri and redis.seeds name nodes, or Sentinels, that answer"));
            return List.of();
        }
    }

    /** Examines the brokers and the two topics; creates nothing. */
    public static void kafka(Settings settings, Findings findings) {
        new KafkaCheckup(
                        settings.kafka(),
                        LogTopics.first(settings.source().name()),
                        settings.source().shards(),
                        LogWriter.recordBytesMax(settings.capture()),
                        List.of(
                                LogTopics.first(settings.source().name()).captureGroup(),
                                settings.compactor().applicationId(settings.source())),
                        findings)
                .run();
    }
}
