package dev.tidemark.standalone.demo;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.Await;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The application: it edits one chunk after the other, and never one of the document that will be ruined. */
final class LiveEdits implements AutoCloseable {
    static final int A_SECOND = 200;
    private static final int VERSIONS = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ChunkStore store;
    private final Thread thread = new Thread(this::editWhileItCan, "demo-application");
    private final int documents;
    private final int spared;
    private final Random random = new Random();
    private final AtomicInteger made = new AtomicInteger();
    private volatile boolean closing;
    private volatile Optional<RuntimeException> failure = Optional.empty();

    private LiveEdits(URI redis, int documents, int spared) {
        this.store = new ChunkStore(redis);
        this.documents = documents;
        this.spared = spared;
    }

    static LiveEdits start(URI redis, int documents, int spared) {
        LiveEdits edits = new LiveEdits(redis, documents, spared);
        edits.thread.setDaemon(true);
        edits.thread.start();
        return edits;
    }

    int made() {
        return made.get();
    }

    void awaitMade(int wanted) {
        Await.until(
                PATIENCE,
                () -> made.get() >= wanted || failure.isPresent(),
                wanted + " edits of the demo's application");
        failure.ifPresent(cause -> {
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "the demo's application cannot write to its Redis any more; so ends the demo",
                    cause);
        });
    }

    /** What stops it is told to whoever waits for its edits; nobody does when the demo itself is stopped. */
    private void editWhileItCan() {
        try {
            edit();
        } catch (RuntimeException e) {
            failure = Optional.of(e);
        }
    }

    private void edit() {
        while (!closing) {
            int document = (spared + 1 + random.nextInt(documents - 1)) % documents;
            int version = 2 + random.nextInt(VERSIONS);
            store.write(
                    document,
                    random.nextInt(ChunkStore.CHUNKS_A_DOCUMENT),
                    "Document %1$d, chunk %2$d, edited while it was backed up. ".repeat(8),
                    version);
            made.incrementAndGet();
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos() / A_SECOND);
        }
    }

    /** After the last edit has been answered. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        store.close();
    }
}
