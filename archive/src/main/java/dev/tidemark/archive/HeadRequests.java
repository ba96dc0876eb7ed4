package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Asks for many small things at once, but not for too many. */
final class HeadRequests implements AutoCloseable {
    private static final int AT_ONCE_MAX = 16;
    private static final int QUEUED_MAX = 1_024;

    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE_MAX, task -> {
        Thread thread = new Thread(task, "tidemark-s3-head");
        thread.setDaemon(true);
        return thread;
    });

    /** The answers in the order of the questions. */
    <Q, A> List<A> of(List<? extends Q> questions, Function<Q, A> ask) {
        List<A> answers = new ArrayList<>(questions.size());
        for (int from = 0; from < questions.size(); from += QUEUED_MAX) {
            List<Callable<A>> batch = new ArrayList<>();
            for (Q question : questions.subList(from, Math.min(from + QUEUED_MAX, questions.size()))) {
                batch.add(() -> ask.apply(question));
            }
            answers.addAll(all(batch));
        }
        return answers;
    }

    private <A> List<A> all(List<Callable<A>> batch) {
        try {
            List<A> answers = new ArrayList<>(batch.size());
            for (Future<A> answer : threads.invokeAll(batch)) {
                answers.add(answer.get());
            }
            return answers;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while the archive's segments were looked at", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TidemarkError foreseen) {
                throw foreseen;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
