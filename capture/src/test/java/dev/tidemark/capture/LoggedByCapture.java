package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the log of a {@link CaptureFixture} says, read anew at each question. */
final class LoggedByCapture implements AutoCloseable {
    private final KafkaSettings kafka;
    private final LogTopics topics;
    private ShardLog log;

    LoggedByCapture(KafkaSettings kafka, LogTopics topics) {
        this.kafka = kafka;
        this.topics = topics;
    }

    private ShardLog log() {
        if (log == null) {
            log = new ShardLog(kafka, topics, CaptureFixture.SOON);
        }
        return log;
    }

    /** The reasons of all doubts so far that count. */
    List<String> doubts() {
        List<String> reasons = new ArrayList<>();
        ShardLog open = log();
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            ClaimsInForce inForce = new ClaimsInForce();
            open.readTidemarks(shard, 0, open.tidemarksEnd(shard), (offset, record) -> {
                if (inForce.counts(offset, record) && record instanceof ControlRecord.Doubt doubt) {
                    reasons.add(doubt.reason());
                }
            });
        }
        return reasons;
    }

    /** Of each shard that has one. */
    List<Tidemark> lastTidemarks() {
        List<Tidemark> last = new ArrayList<>();
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            List<Tidemark> all = tidemarksPast(shard, Long.MIN_VALUE);
            if (!all.isEmpty()) {
                last.add(all.get(all.size() - 1));
            }
        }
        return last;
    }

    /** Those of a shard that count and claim more than that. */
    List<Tidemark> tidemarksPast(int shard, long micros) {
        List<Tidemark> found = new ArrayList<>();
        ShardLog open = log();
        ClaimsInForce inForce = new ClaimsInForce();
        open.readTidemarks(shard, 0, open.tidemarksEnd(shard), (offset, record) -> {
            if (inForce.counts(offset, record)
                    && record instanceof Tidemark tidemark
                    && tidemark.throughMicros() > micros) {
                found.add(tidemark);
            }
        });
        return found;
    }

    /** The definitions that a restore to the last tidemarks would find, in their order. */
    List<LogRow.Definitions> definitionsBelowTidemarks() {
        List<LogRow.Definitions> found = new ArrayList<>();
        Tidemark last = lastTidemarks().get(0);
        ShardLog open = log();
        RowsInForce inForce = new RowsInForce(RowsInForce.NO_EPOCH);
        open.readChanges(0, 0, last.offset(), (offset, row) -> {
            if (inForce.counts(row)
                    && row instanceof LogRow.Definitions definitions
                    && offset > last.base().beginOffset()) {
                found.add(definitions);
            }
        });
        return found;
    }

    /** The events that stand in the key's rows, in their order. */
    List<String> eventsOf(String key) {
        List<String> events = new ArrayList<>();
        ShardLog open = log();
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            open.readChanges(shard, 0, open.changesEnd(shard), (offset, row) -> {
                if (row instanceof LogRow.Change change && change.key().equals(Bytes.utf8(key))) {
                    events.add(change.event());
                }
            });
        }
        return events;
    }

    /** What a restore to the last tidemarks would find: the last row of each key since the base. */
    Map<KeyRef, Value> statesBelowTidemarks() {
        Map<KeyRef, Value> states = new HashMap<>();
        List<Tidemark> tidemarks = lastTidemarks();
        ShardLog open = log();
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            Tidemark last = tidemarks.get(shard);
            RowsInForce inForce = new RowsInForce(RowsInForce.NO_EPOCH);
            open.readChanges(shard, 0, last.offset(), (offset, row) -> {
                if (inForce.counts(row)
                        && row instanceof LogRow.Change change
                        && offset > last.base().beginOffset()) {
                    states.put(new KeyRef(change.db(), change.key()), change.value());
                }
            });
        }
        return states;
    }

    @Override
    public void close() {
        if (log != null) {
            log.close();
        }
    }
}
