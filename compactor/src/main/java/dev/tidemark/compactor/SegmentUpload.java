package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Creation;
import dev.tidemark.archive.PutAnswer;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.compactor.cut.Cut;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/** A segment on its way to S3, by a thread of its own. */
final class SegmentUpload {
    private final Cut cut;
    private final SegmentFile file;
    private final long beganNanos;
    private final FutureTask<Creation> put;

    private SegmentUpload(Cut cut, SegmentFile file, long beganNanos, FutureTask<Creation> put) {
        this.cut = cut;
        this.file = file;
        this.beganNanos = beganNanos;
        this.put = put;
    }

    /** @param beganNanos when its first row was read */
    static SegmentUpload begin(
            Archive archive, Cut cut, SegmentFile file, Consumer<PutAnswer> answered, long beganNanos) {
        FutureTask<Creation> put = new FutureTask<>(() -> archive.put(file, answered));
        Thread thread = new Thread(put, "upload-" + cut.key().shard());
        thread.setDaemon(true);
        thread.start();
        return new SegmentUpload(cut, file, beganNanos, put);
    }

    Cut cut() {
        return cut;
    }

    SegmentFile file() {
        return file;
    }

    long beganNanos() {
        return beganNanos;
    }

    /** Waits for it. */
    Creation outcome() {
        try {
            return put.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException why) {
                throw why;
            }
            throw new IllegalStateException("the upload died", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a segment was on its way", e);
        }
    }

    /** Waits until it is on its way no longer, whatever became of it. */
    void end() {
        try {
            outcome();
        } catch (RuntimeException unsettled) {
            // Whoever opens the shard anew finds out from S3.
        }
    }
}
