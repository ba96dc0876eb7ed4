package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.Pruned;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * The marks of what is given up, and the deletion of it. Marks are numbered and create-only, so of two who mark at once one
 * learns that it was second; the last one gives up all that earlier ones do. Safe for use by many threads.
 */
public final class Pruning {
    private static final int MARK_BYTES_MAX = 1 << 20;
    private static final int AT_ONCE = 1_000;
    /** Where nothing can be deleted, a million requests would not say it better. */
    private static final int REFUSALS_MAX = 1_000;

    /**
     * What refers to something goes before it: a baseline is no baseline any more before the first of its files goes, a query
     * reads an hour's segments again before its roll-ups go, and large values outlast all rows. The oldest first within each.
     */
    private static final List<Step> STEPS = List.of(
            new Step(ArchiveKey.BASELINES, true),
            new Step(ArchiveKey.BASELINES, false),
            new Step(ArchiveKey.MARKERS, false),
            new Step(ArchiveKey.ROLL_UPS, false),
            new Step(ArchiveKey.SEGMENTS, false),
            new Step(ArchiveKey.BLOBS, false),
            new Step(ArchiveKey.GAPS, false),
            new Step(ArchiveKey.PRUNED, false));

    private final ObjectStore store;
    private final HeadRequests requests;
    private final String prefix;

    private record Step(String below, boolean takesManifestsAlone) {
        boolean takes(ArchiveKey key) {
            return !takesManifestsAlone
                    || (key instanceof BaselineKey file && file.file().equals(BaselineKey.MANIFEST));
        }
    }

    /** An object that is given up. */
    public record GivenUp(ArchiveKey key, long sizeBytes) {}

    /** What became of one. */
    public sealed interface Outcome {
        GivenUp object();

        record Gone(GivenUp object) implements Outcome {}

        /** The bucket keeps versions. */
        record Hidden(GivenUp object) implements Outcome {}

        /** The store forbids it: a missing right, or a lock on the object. */
        record Refused(GivenUp object, String reason) implements Outcome {}
    }

    Pruning(ObjectStore store, HeadRequests requests, String prefix) {
        this.store = store;
        this.requests = requests;
        this.prefix = prefix;
    }

    /** The last mark, if anything was ever given up. */
    public Optional<Pruned> newest() {
        Optional<PrunedKey> last = keys().stream().reduce((one, other) -> other);
        return last.flatMap(this::read);
    }

    /** All marks that are there, in their order. */
    public List<Pruned> marks() {
        return keys().stream().flatMap(key -> read(key).stream()).toList();
    }

    private List<PrunedKey> keys() {
        List<PrunedKey> found = new ArrayList<>();
        for (Iterator<String> keys = store.list(prefix + ArchiveKey.PRUNED, Optional.empty()); keys.hasNext(); ) {
            ArchiveKey.parse(keys.next().substring(prefix.length()))
                    .filter(PrunedKey.class::isInstance)
                    .ifPresent(key -> found.add((PrunedKey) key));
        }
        return found;
    }

    private Optional<Pruned> read(PrunedKey key) {
        return store.get(prefix + key.path(), MARK_BYTES_MAX).map(bytes -> {
            try {
                return PrunedJson.parse(key, bytes);
            } catch (IllegalArgumentException e) {
                // Without it nobody knows what is about to be deleted, so nothing may be read past it.
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "%s, which says what of the archive is given up, is damaged: %s. Nothing was read. Put back an earlier version of this object; without one delete it, and 'tidemark prune' marks anew"
                                .formatted(store.uri(prefix + key.path()), e.getMessage()),
                        e);
            }
        });
    }

    /** Gives up what the mark says, unless another mark of that number is there. */
    public Creation mark(Pruned mark) {
        return store.create(prefix + mark.key().path(), ObjectBody.of(PrunedJson.of(mark)), Map.of());
    }

    /** For messages: where the mark lies. */
    public String uriOf(Pruned mark) {
        return store.uri(prefix + mark.key().path());
    }

    /** What the mark gives up and is still there, by LIST alone. */
    public void each(Pruned mark, Consumer<GivenUp> found) {
        STEPS.stream().filter(step -> !step.takesManifestsAlone()).forEach(step -> each(mark, step, found));
    }

    private void each(Pruned mark, Step step, Consumer<GivenUp> found) {
        Iterator<ListedObject> objects = store.listObjects(prefix + step.below());
        while (objects.hasNext()) {
            ListedObject object = objects.next();
            Optional<ArchiveKey> key = ArchiveKey.parse(object.key().substring(prefix.length()));
            if (key.isEmpty()) {
                // Not ours, so not ours to delete.
                continue;
            }
            if (!mark.givesUp(key.get())) {
                // Keys sort by time: all that follows is kept.
                return;
            }
            if (step.takes(key.get())) {
                found.accept(new GivenUp(key.get(), object.sizeBytes()));
            }
        }
    }

    /**
     * Deletes what the mark gives up. May be stopped anywhere and begun again.
     *
     * @param outcomes of each object; on the calling thread
     * @return false if so much was refused that the rest was not tried
     */
    public boolean delete(Pruned mark, Consumer<Outcome> outcomes) {
        Deleting deleting = new Deleting(outcomes);
        for (Step step : STEPS) {
            each(mark, step, deleting::add);
            // All of them, before anything that they refer to.
            deleting.flush();
        }
        return deleting.refusals < REFUSALS_MAX;
    }

    /** So many at once that neither a round trip each nor a list of all is in the way. */
    private final class Deleting {
        private final Consumer<Outcome> outcomes;
        private final List<GivenUp> batch = new ArrayList<>();
        private int refusals;

        Deleting(Consumer<Outcome> outcomes) {
            this.outcomes = outcomes;
        }

        void add(GivenUp object) {
            batch.add(object);
            if (batch.size() == AT_ONCE) {
                flush();
            }
        }

        void flush() {
            if (refusals < REFUSALS_MAX) {
                for (Outcome outcome : requests.of(batch, Pruning.this::delete)) {
                    refusals += outcome instanceof Outcome.Refused ? 1 : 0;
                    outcomes.accept(outcome);
                }
            }
            batch.clear();
        }
    }

    private Outcome delete(GivenUp object) {
        try {
            return store.delete(prefix + object.key().path()) == Deletion.HIDDEN
                    ? new Outcome.Hidden(object)
                    : new Outcome.Gone(object);
        } catch (TidemarkError e) {
            if (e.getCause() instanceof AwsServiceException refused && refused.statusCode() < 500) {
                return new Outcome.Refused(object, "%d %s".formatted(refused.statusCode(), Attempts.code(refused)));
            }
            throw e;
        }
    }
}
