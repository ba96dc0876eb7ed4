package dev.tidemark.capture;

import io.lettuce.core.RedisBusyException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A question that changes nothing, put once more where the server could not attend to it. */
final class AskedAgain {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private AskedAgain() {}

    /**
     * While a script runs for seconds the server answers all others with BUSY: that is late, and nothing is lost. Whoever is
     * asked again loses its place behind what was asked before it.
     */
    static <T> CompletionStage<T> whileBusy(Supplier<? extends CompletionStage<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        ask(question, answer);
        return answer;
    }

    private static <T> void ask(Supplier<? extends CompletionStage<T>> question, CompletableFuture<T> answer) {
        CompletionStage<T> asked;
        try {
            asked = question.get();
        } catch (RuntimeException refused) {
            answer.completeExceptionally(refused);
            return;
        }
        asked.whenComplete((found, failure) -> {
            if (failure == null) {
                answer.complete(found);
            } else if (isBusy(failure)) {
                Executor later = CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                later.execute(() -> ask(question, answer));
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private static boolean isBusy(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof RedisBusyException;
    }
}
