package dev.tidemark.restorer;

import dev.tidemark.restorer.drill.ChunkName;
import dev.tidemark.restorer.drill.Comparison;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.restorer.drill.DrillReport.Failure;
import dev.tidemark.restorer.drill.DrillReport.Restored;
import dev.tidemark.restorer.drill.Hit;
import dev.tidemark.restorer.drill.Query;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** One restore for practice, into a server that nobody else uses. What stops it is a finding too. */
final class Drill {
    private static final Duration SOURCE_ANSWER_LIMIT = Duration.ofSeconds(3);
    private static final int QUERIES = 5;
    private static final int HITS = 10;
    /** While all of a set is looked at, whoever writes to it waits, and everybody with him. */
    private static final long ELEMENTS_A_SET_MAX = 100_000;

    private final Settings settings;
    private final Restorer restorer;
    private final Random random;
    private final DrillOptions options;
    private final RestoreListener listener;
    private final Instant beganAt;
    private final List<Comparison> searches = new ArrayList<>();
    private Optional<Instant> to = Optional.empty();
    private Optional<Duration> rpoNow = Optional.empty();
    private Optional<Duration> rpoOnS3 = Optional.empty();
    private Optional<Restored> restored = Optional.empty();
    private Optional<VerifyReport> verified = Optional.empty();
    private Optional<String> searchesLeftOut = Optional.empty();

    Drill(
            Settings settings,
            Restorer restorer,
            Clock clock,
            Random random,
            DrillOptions options,
            RestoreListener listener) {
        this.settings = settings;
        this.restorer = restorer;
        this.random = random;
        this.options = options;
        this.listener = listener;
        this.beganAt = clock.instant();
    }

    DrillReport run(RestoreTarget scratch) {
        try {
            practise(scratch);
            return report(Optional.empty());
        } catch (TidemarkError stopped) {
            return report(Optional.of(new Failure(stopped.code(), stopped.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return report(Optional.of(new Failure(ExitCode.UNEXPECTED, "the drill was interrupted")));
        }
    }

    private DrillReport report(Optional<Failure> failure) {
        return new DrillReport(
                settings.source().name(),
                beganAt,
                to,
                rpoNow,
                rpoOnS3,
                restored,
                verified,
                searches,
                searchesLeftOut,
                failure);
    }

    private void practise(RestoreTarget scratch) throws InterruptedException {
        Survey survey = restorer.survey(options.withTail());
        Points points = restorer.points(survey);
        rpoNow = points.rpoNow();
        rpoOnS3 = points.rpoOnS3();
        Instant chosen = options.at().orElseGet(() -> anyOf(points));
        to = Optional.of(chosen);
        long beganNanos = System.nanoTime();
        RestorePlan plan = restorer.plan(to, survey);
        RestoreReport report = restorer.restore(plan, scratch, RestoreOptions.careful(), listener);
        Duration rto = Duration.ofNanos(System.nanoTime() - beganNanos);
        restored = Optional.of(new Restored(
                report.keysWritten(),
                report.bytesWritten(),
                plan.bytes(),
                plan.rowsMax(),
                rto,
                report.exitCode() == ExitCode.DONE));
        verified = Optional.of(new Verification(settings, restorer, plan, scratch, 0, listener).run());
        search(scratch);
    }

    /** Every restorable moment is as likely as any other. */
    private Instant anyOf(Points points) {
        Duration all = points.ranges().stream()
                .map(range -> Duration.between(range.from(), range.through()))
                .reduce(Duration.ZERO, Duration::plus);
        if (points.ranges().isEmpty()) {
            throw new TidemarkError(
                    ExitCode.NOT_RESTORABLE,
                    "nothing of %s can be restored, so nothing was practised. Run 'tidemark status'"
                            .formatted(points.source()));
        }
        Duration left = Duration.ofMillis(random.nextLong(all.toMillis() + 1));
        for (TimeRange range : points.ranges()) {
            Duration length = Duration.between(range.from(), range.through());
            if (left.compareTo(length) <= 0) {
                return range.from().plus(left);
            }
            left = left.minus(length);
        }
        return points.latest().orElseThrow();
    }

    private void search(RestoreTarget scratch) throws InterruptedException {
        try (TargetRedis after = TargetRedis.open(scratch, Verification.ANSWER_LIMIT, VectorSearch.UNTOUCHED)) {
            VectorSearch inHashes = new EmbeddingSearch(after, options.embeddingField(), Verification.ANSWER_LIMIT);
            VectorSearch inSets = new VectorSetSearch(after, ELEMENTS_A_SET_MAX);
            List<Query> ofHashes = inHashes.sample(QUERIES, random);
            List<Query> ofSets = inSets.sample(QUERIES, random);
            if (ofHashes.isEmpty() && ofSets.isEmpty()) {
                searchesLeftOut = Optional.of(
                        "no hash has embeddings in a field of that name, and there is no vector set of up to %d elements"
                                .formatted(ELEMENTS_A_SET_MAX));
                return;
            }
            Optional<RestoreTarget> source = source(settings.redis());
            if (source.isEmpty()) {
                searchesLeftOut = Optional.of("no standalone source is configured");
                return;
            }
            try (TargetRedis before = TargetRedis.open(source.get(), SOURCE_ANSWER_LIMIT, VectorSearch.UNTOUCHED)) {
                VectorSearch hashesOfSource =
                        new EmbeddingSearch(before, options.embeddingField(), SOURCE_ANSWER_LIMIT);
                compare(ofHashes, hashesOfSource, inHashes);
                compare(ofSets, new VectorSetSearch(before, ELEMENTS_A_SET_MAX), inSets);
            } catch (TidemarkError unreachable) {
                // A source that is gone is why one practises.
                searchesLeftOut = Optional.of("the source could not be searched: " + unreachable.getMessage());
            }
        }
    }

    private void compare(List<Query> queries, VectorSearch here, VectorSearch there) throws InterruptedException {
        if (queries.isEmpty()) {
            return;
        }
        List<List<Hit>> before = here.nearest(queries, HITS);
        List<List<Hit>> after = there.nearest(queries, HITS);
        List<Comparison> compared = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            Set<ChunkName> changed = changed(here, there, before.get(i), after.get(i));
            compared.add(Comparison.of(here.means(), HITS, before.get(i), after.get(i), changed));
        }
        searches.addAll(compared);
    }

    private static Set<ChunkName> changed(VectorSearch here, VectorSearch there, List<Hit> before, List<Hit> after)
            throws InterruptedException {
        Set<ChunkName> changed = new HashSet<>();
        for (List<Hit> hits : List.of(before, after)) {
            for (Hit hit : hits) {
                if (!here.of(hit.name()).equals(there.of(hit.name()))) {
                    changed.add(hit.name());
                }
            }
        }
        return changed;
    }

    private static Optional<RestoreTarget> source(RedisSettings redis) {
        if (redis.uri().isEmpty()
                || redis.cluster()
                || redis.sentinel().master().isPresent()) {
            return Optional.empty();
        }
        RestoreTarget plain = RestoreTarget.at(redis.uri().get());
        return Optional.of(new RestoreTarget(
                plain.host(), plain.port(), plain.tls(), redis.caFile(), redis.username(), redis.password()));
    }
}
