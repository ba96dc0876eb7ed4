package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.Tail;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogIdentity;
import dev.tidemark.schemas.kafka.LogPosition;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;

/** What Kafka holds beyond the archive, asked with little patience: a restore must not wait for a Kafka that is gone. */
final class KafkaTail {
    /** For each answer. A broker that is gone costs this once; one that dies while it is read, once more. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    /** Tidemarks come once a second; a plan may read this much more of the log than it must. */
    private static final long CLAIMS_APART_MICROS = 60_000_000;

    private final Settings settings;
    private final LogTopics topics;

    KafkaTail(Settings settings) {
        this.settings = settings;
        this.topics = LogTopics.first(settings.source().name());
    }

    /** Either the tails of all shards that were asked about or why there are none. */
    record Answer(TailUse use, Map<Integer, Tail> tails, Set<String> sourceRunIds) {
        Answer {
            tails = Map.copyOf(tails);
            sourceRunIds = Set.copyOf(sourceRunIds);
        }
    }

    /**
     * @param archivedTopics what the archive says it was made from, if it says anything
     * @param shards of the source
     * @param archived the parts on S3 of each shard that is asked about, in order
     * @param lastSegment of a shard: where its last part is an hour's, only the segments say under which leader it ends
     */
    Answer ask(
            Supplier<Optional<TopicIds>> archivedTopics,
            int shards,
            Map<Integer, List<ArchivedRange>> archived,
            IntFunction<Optional<Segment>> lastSegment) {
        try {
            Optional<TopicIds> topicIds = TopicSetup.ids(settings.kafka(), topics, PATIENCE);
            Optional<String> refusal = refusal(topicIds, archivedTopics.get(), archived);
            return refusal.isPresent()
                    ? none(refusal.get())
                    : read(topicIds.orElseThrow(), shards, archived, ends(archived, lastSegment));
        } catch (TidemarkError e) {
            if (e.code() == ExitCode.UNREACHABLE || e.code() == ExitCode.ARCHIVE_DAMAGED) {
                return none(e.getMessage());
            }
            throw e;
        } catch (KafkaException e) {
            return none("Kafka at %s cannot be asked: %s".formatted(bootstrap(), e.getMessage()));
        }
    }

    /**
     * For reading rows that a plan names.
     *
     * @param use the plan's, which uses the tail
     */
    TailLog open(TailUse use) {
        return new TailLog(open(), identity(use.topics().orElseThrow()), use.follows());
    }

    private ShardLog open() {
        return new ShardLog(settings.kafka(), topics, PATIENCE);
    }

    private LogIdentity identity(TopicIds meant) {
        return new LogIdentity(settings.kafka(), topics, meant, PATIENCE);
    }

    private Optional<String> refusal(
            Optional<TopicIds> found, Optional<TopicIds> archivedTopics, Map<Integer, List<ArchivedRange>> archived) {
        if (found.isEmpty()) {
            return Optional.of(
                    "Kafka at %s has no topics %s and %s".formatted(bootstrap(), topics.changes(), topics.tidemarks()));
        }
        if (archivedTopics.isEmpty()) {
            boolean archiveIsEmpty = archived.values().stream().allMatch(List::isEmpty);
            return archiveIsEmpty
                    ? Optional.empty()
                    : Optional.of("the archive does not say from which topics it was made, so the offsets of those at "
                            + bootstrap() + " may mean something else");
        }
        return found.equals(archivedTopics)
                ? Optional.empty()
                : Optional.of("the topics at " + bootstrap()
                        + " are not those that the archive was made from (their ids differ), so their offsets mean"
                        + " something else");
    }

    private static Map<Integer, LogPosition> ends(
            Map<Integer, List<ArchivedRange>> archived, IntFunction<Optional<Segment>> lastSegment) {
        Map<Integer, LogPosition> ends = new HashMap<>();
        archived.forEach((shard, parts) -> parts.stream()
                .max(Comparator.comparingLong(ArchivedRange::to))
                .flatMap(last -> last instanceof Segment segment ? Optional.of(segment) : lastSegment.apply(shard))
                .ifPresent(segment -> ends.put(shard, new LogPosition(segment.end(), segment.leaderEpoch()))));
        return ends;
    }

    private Answer read(
            TopicIds topicIds, int shards, Map<Integer, List<ArchivedRange>> archived, Map<Integer, LogPosition> ends) {
        Map<Integer, Tail> tails = new HashMap<>();
        Set<String> runIds = new HashSet<>();
        try (ShardLog log = open();
                LogIdentity identity = identity(topicIds)) {
            if (log.shards() != shards) {
                return none("the log has %d shards and source.shards is %d".formatted(log.shards(), shards));
            }
            for (Map.Entry<Integer, List<ArchivedRange>> each : archived.entrySet()) {
                int shard = each.getKey();
                Tail tail = read(log, shard, each.getValue(), runIds);
                long end = each.getValue().stream()
                        .mapToLong(ArchivedRange::to)
                        .max()
                        .orElse(0);
                if (tail.logEnd() < end) {
                    return none(
                            "shard %d of the log ends at offset %d, but S3 holds it up to %d: Kafka lost what it had acknowledged"
                                    .formatted(shard, tail.logEnd(), end));
                }
                if (ends.containsKey(shard)) {
                    log.requireContinues(shard, ends.get(shard));
                }
                tails.put(shard, tail);
            }
            identity.requireSame();
        }
        return new Answer(TailUse.used(topicIds, ends), tails, runIds);
    }

    private static Tail read(ShardLog log, int shard, List<ArchivedRange> archived, Set<String> runIds) {
        long epoch =
                archived.stream().mapToLong(ArchivedRange::epochAfter).max().orElse(RowsInForce.NO_EPOCH);
        long from = Math.max(epoch, log.tidemarksStart(shard));
        long to = log.tidemarksEnd(shard);
        ClaimsInForce inForce = new ClaimsInForce();
        List<ClaimInterval> claims = new ArrayList<>();
        log.readTidemarks(shard, from, to, (offset, record) -> {
            if (inForce.counts(offset, record)
                    && record instanceof Tidemark tidemark
                    && tidemark.generation() == LogTopics.FIRST_GENERATION) {
                add(claims, ClaimInterval.of(tidemark));
                tidemark.nodes().stream().map(Beat::runId).forEach(runIds::add);
            }
        });
        // The claims were read first, so what they speak of is below this end.
        return new Tail(log.changesStart(shard), log.changesEnd(shard), claims);
    }

    /** One a minute is enough: a claim reaches back to its base. */
    private static void add(List<ClaimInterval> claims, ClaimInterval next) {
        int last = claims.size() - 1;
        boolean sameMinute = last >= 0
                && claims.get(last).base().equals(next.base())
                && claims.get(last).throughMicros() / CLAIMS_APART_MICROS == next.throughMicros() / CLAIMS_APART_MICROS;
        if (sameMinute) {
            ClaimInterval.append(List.of(claims.remove(last)), next).forEach(claims::add);
        } else {
            claims.add(next);
        }
    }

    private static Answer none(String reason) {
        return new Answer(TailUse.unusable(reason), Map.of(), Set.of());
    }

    private String bootstrap() {
        return settings.kafka().bootstrap();
    }
}
