package dev.tidemark.restorer;

import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.plan.StateAt;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.ContentSum;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One restore from its validation to its proof. */
final class Restoration {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final String UNTOUCHED = "Nothing was written to it";
    private static final int EXPIRES_TOLD_SINCE = 7;

    private final Settings settings;
    private final RestorePlan plan;
    private final RestoreTarget address;
    private final RestoreOptions options;
    private final RestoreListener listener;
    private final VerifiedSegments segments;
    private final KafkaTail tail;
    private final Shards shards;
    private final long beganNanos = System.nanoTime();
    private ShardLog log;
    private long filesRead;
    private long bytesRead;
    private long expiredSince;
    private long uncertain;

    Restoration(
            Settings settings,
            VerifiedSegments segments,
            RestorePlan plan,
            RestoreTarget target,
            RestoreOptions options,
            RestoreListener listener) {
        this.settings = settings;
        this.plan = plan;
        this.address = target;
        this.options = options;
        this.listener = listener;
        this.segments = segments;
        this.tail = new KafkaTail(settings);
        this.shards = new Shards(settings.source().shards());
    }

    RestoreReport run() {
        try (segments) {
            segments.requireAllPresent(plan);
            requireKeysFit();
            return into();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "the restore was interrupted before its first write", e);
        } finally {
            if (log != null) {
                log.close();
            }
        }
    }

    private RestoreReport into() throws InterruptedException {
        try (TargetRedis target = TargetRedis.open(address, ANSWER_LIMIT)) {
            TargetLock lock = TargetLock.of(target, plan.source(), plan.to());
            TargetCheck check = new TargetCheck(target, options);
            lock.requireFree();
            TargetCheck.Facts facts = check.require(settings, plan.sourceRunIds());
            segments.fetchAhead(plan, () -> report(Phase.VALIDATING, 0));
            lock.take();
            try {
                // Again, now that no other restore can begin: two that found the target empty must not both fill it.
                check.requireEmpty(1);
                if (options.replace()) {
                    lock.clearTarget();
                }
            } catch (RuntimeException e) {
                release(lock);
                throw e;
            }
            return fill(target, lock, facts);
        }
    }

    private RestoreReport fill(TargetRedis target, TargetLock lock, TargetCheck.Facts facts) {
        TargetWriter writer = new TargetWriter(target, settings.restorer().bytesInFlightMax(), ANSWER_LIMIT);
        try {
            long beganMillis = target.timeMillis(UNTOUCHED);
            int dumpVersion = dumpVersion(target);
            ContentAccount expected = new ContentAccount(shards, beganMillis, dumpVersion);
            write(writer, expected, beganMillis);
            ContentAccount found = new ContentAccount(shards, beganMillis, dumpVersion);
            RestoreReport report = prove(target, facts, writer, expected, found);
            lock.release();
            return report;
        } catch (TidemarkError e) {
            throw unfinished(e.code(), e.getMessage(), writer, lock, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unfinished(ExitCode.UNEXPECTED, "the restore was interrupted", writer, lock, e);
        } catch (RuntimeException e) {
            String what = "the restore failed unexpectedly: " + e.getClass().getSimpleName();
            throw unfinished(ExitCode.UNEXPECTED, what, writer, lock, e);
        }
    }

    private TidemarkError unfinished(
            ExitCode code, String what, TargetWriter writer, TargetLock lock, Exception cause) {
        String sentence = what.strip().replaceAll("\\.$", "");
        return new TidemarkError(code, sentence + ". " + left(writer, release(lock)), cause);
    }

    private void write(TargetWriter writer, ContentAccount expected, long nowMillis) throws InterruptedException {
        SeenKeys settled = new SeenKeys(settings.restorer().keysInMemoryMax());
        for (PlannedShard shard : plan.shards()) {
            StateAt state = new StateAt(shard.plan(), RedisTime.micros(plan.to()), shard.exactnessMicros(), settled);
            rows(shard).read(new WrittenBlocks(state, writer, expected, nowMillis), file -> {
                filesRead++;
                bytesRead += file.sizeBytes();
                report(Phase.WRITING, writer.keys());
            });
            uncertain += state.uncertain();
        }
        writer.finish();
        report(Phase.WRITING, writer.keys());
        report(Phase.PROVING, 0);
    }

    /** Settles a block's keys and sends those that are to be there. */
    private final class WrittenBlocks implements ShardRows.Blocks {
        private final StateAt state;
        private final TargetWriter writer;
        private final ContentAccount expected;
        private final long nowMillis;
        private StateAt.Block block;

        WrittenBlocks(StateAt state, TargetWriter writer, ContentAccount expected, long nowMillis) {
            this.state = state;
            this.writer = writer;
            this.expected = expected;
            this.nowMillis = nowMillis;
        }

        @Override
        public void begin() {
            block = state.block();
        }

        @Override
        public void row(long offset, LogRow row) {
            block.add(offset, row);
        }

        @Override
        public void end() throws InterruptedException {
            for (Change change : block.settle()) {
                if (change.expireAtMillis().isPresent()
                        && change.expireAtMillis().getAsLong() <= nowMillis) {
                    expiredSince++;
                    continue;
                }
                writer.write(change);
                expected.add(change.db(), change.key(), change.value(), change.expireAtMillis());
            }
            block = null;
        }
    }

    private RestoreReport prove(
            TargetRedis target,
            TargetCheck.Facts facts,
            TargetWriter writer,
            ContentAccount expected,
            ContentAccount found)
            throws InterruptedException {
        boolean tellsExpiry = facts.majorVersion() >= EXPIRES_TOLD_SINCE;
        readBack(
                target,
                new TargetContent(
                        target,
                        tellsExpiry,
                        ANSWER_LIMIT,
                        found,
                        new SeenKeys(settings.restorer().keysInMemoryMax())));
        long readMillis = tellsExpiry ? target.timeMillis("It was filled, and not proven") : Long.MAX_VALUE;
        List<ShardProof> proofs = new ArrayList<>();
        for (int shard = 0; shard < shards.count(); shard++) {
            ContentSum archived = expected.outliving(shard, readMillis);
            ContentSum restored = found.outliving(shard, readMillis);
            proofs.add(new ShardProof(
                    shard,
                    archived.keys(),
                    restored.keys(),
                    expected.expiringBy(shard, readMillis).keys(),
                    archived.digest(),
                    restored.digest()));
        }
        return new RestoreReport(
                plan.source(),
                plan.to(),
                target.address(),
                plan.exactness(),
                writer.keys(),
                writer.bytes(),
                expiredSince,
                uncertain,
                Duration.ofNanos(System.nanoTime() - beganNanos),
                proofs,
                limits(expected, tellsExpiry));
    }

    private void readBack(TargetRedis target, TargetContent content) throws InterruptedException {
        try {
            content.read(keys -> report(Phase.PROVING, keys));
        } catch (SeenKeys.Full tooMany) {
            throw new TidemarkError(
                    ExitCode.DIFFERENT,
                    "%s holds more than the %d keys that this restore can have; somebody else is writing to it"
                            .formatted(target.address(), settings.restorer().keysInMemoryMax()),
                    tooMany);
        }
    }

    private static List<String> limits(ContentAccount expected, boolean tellsExpiry) {
        List<String> limits = new ArrayList<>();
        if (expected.payloadsNotCompared() > 0) {
            limits.add("%d keys of types that are stored as they were dumped were compared by type and expiry alone"
                    .formatted(expected.payloadsNotCompared()));
        }
        if (!tellsExpiry) {
            limits.add(
                    "keys with an expiry were not compared: the target is older than Redis 7 and does not tell it exactly");
        }
        return limits;
    }

    /** Before anything is written: names of keys that do not fit in memory would stop the restore in the middle. */
    private void requireKeysFit() throws InterruptedException {
        long keysMax = settings.restorer().keysInMemoryMax();
        if (plan.rowsMax() <= keysMax) {
            return;
        }
        // There may be fewer keys than changes. To know, everything is read once more than a smaller plan needs.
        SeenKeys keys = new SeenKeys(keysMax);
        try {
            for (PlannedShard shard : plan.shards()) {
                rows(shard).read(new CountedBlocks(shard, keys), file -> report(Phase.VALIDATING, 0));
            }
        } catch (SeenKeys.Full tooMany) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "this restore has more than %d keys, the bound of restorer.keys-in-memory-max. Nothing was written to the target. Raise it, at 32 bytes of memory for each key"
                            .formatted(keysMax),
                    tooMany);
        }
    }

    private record CountedBlocks(PlannedShard shard, SeenKeys keys) implements ShardRows.Blocks {
        @Override
        public void begin() {}

        @Override
        public void row(long offset, LogRow row) {
            if (row instanceof Change change && shard.plan().reads(offset)) {
                keys.add(new KeyName(change.db(), change.key()));
            }
        }

        @Override
        public void end() {}
    }

    private ShardRows rows(PlannedShard shard) {
        return new ShardRows(shard, segments, () -> {
            if (log == null) {
                log = tail.open();
            }
            return log;
        });
    }

    /** The lock is a key like any other, so its DUMP tells the version. */
    private static int dumpVersion(TargetRedis target) {
        byte[] dump =
                target.ask(redis -> redis.dump(ReservedKeys.RESTORE_LOCK.array()), "Nothing was restored into it");
        return dump == null ? -1 : DumpPayload.version(Bytes.wrap(dump));
    }

    private static boolean release(TargetLock lock) {
        try {
            lock.release();
            return true;
        } catch (TidemarkError unreachable) {
            return false;
        }
    }

    private String left(TargetWriter writer, boolean unlocked) {
        return "%s holds an unfinished restore: up to %d keys were sent to it%s. %s"
                .formatted(
                        address.address(),
                        writer.keys(),
                        options.replace() ? " after all that it had was deleted" : "",
                        unlocked
                                ? "Run the restore again with --replace, or empty the target"
                                : "The lock of this run, its key tidemark:restore-lock, could not be removed; see that the target is what you think it is, DEL that key, and restore with --replace");
    }

    private void report(Phase phase, long keys) {
        listener.progress(new RestoreProgress(
                phase,
                filesRead,
                plan.files(),
                bytesRead,
                plan.bytes(),
                keys,
                Duration.ofNanos(System.nanoTime() - beganNanos)));
    }
}
