package dev.tidemark.capture;

import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.TransactionResult;
import java.net.URI;
import java.util.List;
import java.util.function.UnaryOperator;

/** A capture whose source is a journal, and the writers who keep it. */
final class JournalFixture implements AutoCloseable {
    static final String STREAM = "journal";

    final CaptureFixture capture;

    JournalFixture(KafkaBroker kafka) {
        this(kafka, RedisServer.start());
    }

    JournalFixture(KafkaBroker kafka, RedisServer redis) {
        capture = new CaptureFixture(kafka, redis, UnaryOperator.<URI>identity());
        journaledIn(new JournalSettings(List.of(STREAM), List.of("default"), false));
    }

    void journaledIn(JournalSettings journal) {
        capture.settings = capture.settings.with(capture.settings.source().journaledIn(journal));
    }

    /** A write as it shall be: in one transaction with its entry. */
    void set(String key, String value) {
        capture.commands.multi();
        capture.commands.set(key, value);
        capture.commands.xadd(STREAM, "key", key);
        TransactionResult done = capture.commands.exec();
        if (done.wasDiscarded()) {
            throw new AssertionError("the transaction was discarded");
        }
    }

    void delete(String key) {
        capture.commands.multi();
        capture.commands.del(key);
        capture.commands.xadd(STREAM, "key", key, "event", "del");
        capture.commands.exec();
    }

    long length() {
        return capture.commands.xlen(STREAM);
    }

    void awaitClaimed() {
        capture.awaitTidemarksPast(capture.redisMicros());
    }

    @Override
    public void close() {
        capture.close();
    }
}
