package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.plan.TtlRule;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Opaque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Hands on each key that was there at a plan's time, once, as the rule for expiries says. */
final class Filling {
    private static final long MICROS_A_MILLI = 1_000;
    /** Of a value that is read back with others: a baseline has larger ones, which no list names. */
    private static final long READ_TOGETHER_BYTES_MAX = 1 << 20;

    private final RestoreRun run;
    private final KeySink sink;
    private final ContentAccount expected;
    private final TtlRule ttl;
    private final long toMicros;
    private final long nowMillis;
    /** Read by whoever reads back what was written, while more is written. */
    private final Map<KeyName, Blob> large = new ConcurrentHashMap<>();

    private final Set<KeyName> readAlone = new HashSet<>();

    private final Optional<SeenKeys> written;
    private long expiredSince;
    private long uncertain;
    private long fieldExpiriesKept;

    /**
     * For one go.
     *
     * @param expected takes account of what was handed on
     * @param nowMillis what expired before this is left out
     */
    Filling(RestoreRun run, KeySink sink, ContentAccount expected, long nowMillis) {
        this.run = run;
        this.sink = sink;
        this.expected = expected;
        this.ttl = run.options().ttl();
        this.toMicros = RedisTime.micros(run.plan().to());
        this.nowMillis = nowMillis;
        this.written = run.options().merge() ? Optional.of(run.newSeenKeys()) : Optional.empty();
    }

    void fill() throws InterruptedException {
        PlannedState state = run.state();
        state.read(new Readers.Taker() {
            @Override
            public void take(Change change) throws InterruptedException {
                write(change);
            }

            @Override
            public void read(long bytes, boolean isFileEnd) {
                run.read(bytes, isFileEnd, sink.keys());
            }
        });
        uncertain = state.uncertain();
        sink.finish();
        run.report(Phase.WRITING, sink.keys());
    }

    /** Keys that were there at that time but whose expiry has passed by now. */
    long expiredSince() {
        return expiredSince;
    }

    long uncertain() {
        return uncertain;
    }

    /** Hashes whose fields expire when they did, though the rule for keys is another one. */
    long fieldExpiriesKept() {
        return fieldExpiriesKept;
    }

    /** Whether the key was handed on, as far as that must be known: where others are there too. */
    boolean isOurs(KeyName name) {
        return run.options().part().has(run.shards().of(name.key()))
                && (written.isEmpty() || written.get().contains(name));
    }

    /** Keys whose values are too large for memory. */
    Map<KeyName, Blob> large() {
        return large;
    }

    /** Whether the key's value takes so much memory that no other one may be held with it. */
    boolean isReadAlone(KeyName name) {
        return readAlone.contains(name);
    }

    private void write(Change change) throws InterruptedException {
        OptionalLong expiry = ttl.expiry(change.expireAtMillis(), toMicros / MICROS_A_MILLI, nowMillis);
        if (expiry.isPresent() && expiry.getAsLong() <= nowMillis) {
            expiredSince++;
            return;
        }
        if (ttl != TtlRule.KEEP && change.value() instanceof Opaque opaque && DumpPayload.fieldsExpire(opaque.dump())) {
            fieldExpiriesKept++;
        }
        Change restored = new Change(
                change.epoch(),
                change.timeMicros(),
                change.touchedAfterMicros(),
                change.db(),
                change.key(),
                change.value(),
                expiry,
                change.event());
        if (change.value() instanceof Blob blob) {
            large.put(new KeyName(change.db(), change.key()), blob);
        } else if (change.value().sizeBytes() > READ_TOGETHER_BYTES_MAX) {
            readAlone.add(new KeyName(change.db(), change.key()));
        }
        expected.add(change.db(), change.key(), sink.write(restored), expiry);
        written.ifPresent(names -> names.add(new KeyName(change.db(), change.key())));
    }
}
