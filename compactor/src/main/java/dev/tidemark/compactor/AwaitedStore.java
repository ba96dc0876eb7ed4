package dev.tidemark.compactor;

import dev.tidemark.archive.StoreSilent;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Health;
import dev.tidemark.schemas.health.Outage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A store that does not answer when the compactor starts is waited for, as it is when it falls silent later: who would
 * start the compactor again could do nothing else. One that answers and refuses ends the start.
 */
final class AwaitedStore {
    /** Each question has a deadline and pauses of its own; this keeps one that is refused at once from spinning. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Outage outage;
    private final Consumer<Health> told;

    /**
     * Nothing is asked yet.
     *
     * @param uri of what is asked for
     * @param told how the start stands, each time it was asked in vain
     */
    AwaitedStore(String uri, Consumer<Health> told) {
        this.outage = new Outage(uri);
        this.told = Objects.requireNonNull(told, "told");
    }

    /** The answer to a question that may be asked any number of times. */
    <T> T answerTo(Supplier<T> question) {
        while (true) {
            try {
                T answer = question.get();
                outage.answered(System.nanoTime()).ifPresent(Outage.Spell::sayReachable);
                return answer;
            } catch (StoreSilent e) {
                outage.failed(System.nanoTime()).ifPresent(spell -> spell.sayUnreachable(e.getMessage()));
                told.accept(new Health(List.of(), List.of("S3 does not answer: " + e.getMessage())));
                pause(e);
            }
        }
    }

    private static void pause(StoreSilent why) {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted: " + why.getMessage(), why);
        }
    }
}
