package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.Tail;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    /** Either the tails of all shards or why there are none. */
    record Answer(TailUse use, List<Optional<Tail>> tails, Set<String> sourceRunIds) {
        Answer {
            tails = List.copyOf(tails);
            sourceRunIds = Set.copyOf(sourceRunIds);
        }
    }

    /**
     * @param archivedTopics what the archive says it was made from, if it says anything
     * @param archived the parts of each shard on S3, in order
     */
    Answer ask(Supplier<Optional<TopicIds>> archivedTopics, List<List<ArchivedRange>> archived) {
        try {
            Optional<String> refusal = refusal(archivedTopics.get(), archived);
            return refusal.isPresent() ? none(archived.size(), refusal.get()) : read(archived);
        } catch (TidemarkError e) {
            if (e.code() == ExitCode.UNREACHABLE || e.code() == ExitCode.ARCHIVE_DAMAGED) {
                return none(archived.size(), e.getMessage());
            }
            throw e;
        } catch (KafkaException e) {
            return none(archived.size(), "Kafka at %s cannot be asked: %s".formatted(bootstrap(), e.getMessage()));
        }
    }

    /** For reading rows that a plan names. */
    ShardLog open() {
        return new ShardLog(settings.kafka(), topics, PATIENCE);
    }

    private Optional<String> refusal(Optional<TopicIds> archivedTopics, List<List<ArchivedRange>> archived) {
        Optional<TopicIds> found = TopicSetup.ids(settings.kafka(), topics, PATIENCE);
        if (found.isEmpty()) {
            return Optional.of(
                    "Kafka at %s has no topics %s and %s".formatted(bootstrap(), topics.changes(), topics.tidemarks()));
        }
        if (archivedTopics.isEmpty()) {
            boolean archiveIsEmpty = archived.stream().allMatch(List::isEmpty);
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

    private Answer read(List<List<ArchivedRange>> archived) {
        List<Optional<Tail>> tails = new ArrayList<>();
        Set<String> runIds = new HashSet<>();
        try (ShardLog log = open()) {
            if (log.shards() != archived.size()) {
                return none(
                        archived.size(),
                        "the log has %d shards and source.shards is %d".formatted(log.shards(), archived.size()));
            }
            for (int shard = 0; shard < archived.size(); shard++) {
                Tail tail = read(log, shard, archived.get(shard), runIds);
                long end = archived.get(shard).stream()
                        .mapToLong(ArchivedRange::to)
                        .max()
                        .orElse(0);
                if (tail.logEnd() < end) {
                    return none(
                            archived.size(),
                            "shard %d of the log ends at offset %d, but S3 holds it up to %d: Kafka lost what it had acknowledged"
                                    .formatted(shard, tail.logEnd(), end));
                }
                tails.add(Optional.of(tail));
            }
        }
        return new Answer(TailUse.used(), tails, runIds);
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

    private static Answer none(int shards, String reason) {
        List<Optional<Tail>> tails = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            tails.add(Optional.empty());
        }
        return new Answer(TailUse.unusable(reason), tails, Set.of());
    }

    private String bootstrap() {
        return settings.kafka().bootstrap();
    }
}
