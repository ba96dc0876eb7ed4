package dev.tidemark.compactor.dating;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of the moment at which a snapshot was forked.
 *
 * @param canary that says so
 * @param beginMicros everything that changed up to here is in the snapshot
 * @param forkMicros nothing that changed after here is; empty if no barrier tells
 */
public record ForkDate(Canary canary, String replId, long beginMicros, OptionalLong forkMicros) {
    public ForkDate {
        Objects.requireNonNull(canary, "canary");
        Objects.requireNonNull(replId, "replId");
        Objects.requireNonNull(forkMicros, "forkMicros");
    }

    /**
     * The date by the canary that tells most; empty if no barrier of any of their watches is known.
     *
     * @param snapshotReplId of the history that the snapshot belongs to, if it says so
     * @param known barriers of any watches
     */
    public static Optional<ForkDate> of(List<Canary> canaries, Optional<String> snapshotReplId, List<Beat> known) {
        Optional<ForkDate> best = Optional.empty();
        for (Canary canary : canaries) {
            Optional<ForkDate> date = of(canary, snapshotReplId, known);
            if (date.isPresent()
                    && (best.isEmpty() || date.get().beginMicros() > best.get().beginMicros())) {
                best = date;
            }
        }
        return best;
    }

    private static Optional<ForkDate> of(Canary canary, Optional<String> snapshotReplId, List<Beat> known) {
        Beat begin = null;
        Beat fork = null;
        for (Beat beat : known) {
            // A canary's run id is part of its claim: a watch is bound to one server's life.
            if (!beat.watch().equals(canary.watch()) || !beat.runId().equals(canary.runId())) {
                continue;
            }
            if (beat.n() <= canary.n()) {
                begin = begin == null || beat.timeMicros() > begin.timeMicros() ? beat : begin;
            } else {
                fork = fork == null || beat.timeMicros() < fork.timeMicros() ? beat : fork;
            }
        }
        if (begin == null) {
            return Optional.empty();
        }
        boolean isOfThatHistory =
                snapshotReplId.isPresent() && snapshotReplId.get().equals(begin.replId());
        // A snapshot that stands still proves nothing of what came later, unless it is of the very history of the
        // watch.
        boolean isBounded = fork != null && isOfThatHistory && fork.timeMicros() >= begin.timeMicros();
        return Optional.of(new ForkDate(
                canary,
                begin.replId(),
                begin.timeMicros(),
                isBounded ? OptionalLong.of(fork.timeMicros()) : OptionalLong.empty()));
    }
}
