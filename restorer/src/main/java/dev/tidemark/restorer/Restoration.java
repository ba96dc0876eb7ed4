package dev.tidemark.restorer;

import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;

/** One restore into a running Redis, from its validation to its proof. */
final class Restoration {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final String UNTOUCHED = "Nothing was written to it";

    private final RestoreRun run;
    private final RestoreTarget address;

    Restoration(RestoreRun run, RestoreTarget target) {
        this.run = run;
        this.address = target;
    }

    RestoreReport run() {
        try (run) {
            return into(run.validate());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "the restore was interrupted before its first write", e);
        }
    }

    private RestoreReport into(References references) throws InterruptedException {
        RestorePlan plan = run.plan();
        boolean replace = run.options().replace();
        try (TargetRedis target = TargetRedis.open(address, ANSWER_LIMIT)) {
            TargetLock lock = TargetLock.of(target, plan.source(), plan.to());
            TargetCheck check = new TargetCheck(target, run.options());
            lock.requireFree();
            TargetCheck.Facts facts = check.require(run.settings(), plan.sourceRunIds());
            check.requireTakes(references.largestBytes());
            Libraries libraries = Libraries.of(target, references.definitions());
            libraries.requireNoConflict(replace);
            run.fetchAhead();
            lock.take();
            try {
                // Again, now that no other restore can begin: two that found the target empty must not both fill it.
                check.requireEmpty(1);
                if (replace) {
                    lock.clearTarget();
                }
            } catch (RuntimeException e) {
                release(lock);
                throw e;
            }
            return fill(target, lock, facts, references, libraries);
        }
    }

    private RestoreReport fill(
            TargetRedis target, TargetLock lock, TargetCheck.Facts facts, References references, Libraries libraries) {
        long bytesInFlightMax = run.settings().restorer().bytesInFlightMax();
        TargetWriter writer = new TargetWriter(
                target, new LargeValueWriter(target, run::fetch, bytesInFlightMax), bytesInFlightMax, ANSWER_LIMIT);
        try {
            libraries.restore();
            long beganMillis = target.timeMillis(UNTOUCHED);
            Shards shards = new Shards(run.settings().source().shards());
            int dumpVersion = dumpVersion(target);
            ContentAccount expected = new ContentAccount(shards, beganMillis, dumpVersion);
            Filling filling = new Filling(run, writer, expected, beganMillis);
            filling.fill();
            TargetProof proof = new TargetProof(run, target, facts.majorVersion(), ANSWER_LIMIT);
            ContentAccount found = new ContentAccount(shards, beganMillis, dumpVersion);
            RestoreReport report = RestoreReport.of(
                    run,
                    target.address(),
                    writer,
                    filling,
                    proof.of(filling, expected, found),
                    proof.limits(filling, expected, references));
            proof.requireLibraries(libraries);
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
                        run.options().replace() ? " after all that it had was deleted" : "",
                        unlocked
                                ? "Run the restore again with --replace, or empty the target"
                                : "The lock of this run, its key tidemark:restore-lock, could not be removed; see that the target is what you think it is, DEL that key, and restore with --replace");
    }
}
