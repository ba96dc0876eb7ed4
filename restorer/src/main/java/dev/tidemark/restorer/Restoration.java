package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.RestoredIndex;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.restorer.plan.TargetLimits;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** One restore into a running Redis, from its validation to its proof. */
final class Restoration {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final String UNTOUCHED = "Nothing was written to it";
    private static final String NOT_PROVEN = "It took every key of the restore, and that was not proven";
    private static final int READINGS_OF_A_CLUSTER_MAX = 3;

    private final RestoreRun run;
    private final RestoreTarget address;

    Restoration(RestoreRun run, RestoreTarget target) {
        this.run = run;
        this.address = target;
    }

    RestoreReport run() {
        try (run) {
            return into();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "the restore was interrupted before its first write", e);
        }
    }

    private RestoreReport into() throws InterruptedException {
        Optional<List<IndexDefinition>> configured = SearchIndexes.configured(run.settings());
        RestoreOptions options = run.options();
        TargetLimits limits;
        try (TargetPrimaries target = TargetPrimaries.open(address, ANSWER_LIMIT, UNTOUCHED)) {
            // First what takes moments. It is asked once more when the archive has been read, which can take long.
            limits = requireFillable(target);
        }
        References references = run.validate(limits, address.address());
        SearchIndexes indexes = SearchIndexes.of(run, configured, references);
        try (TargetPrimaries target = TargetPrimaries.open(address, ANSWER_LIMIT, UNTOUCHED)) {
            TargetCheck check = new TargetCheck(target, options);
            TargetLock lock = new TargetLock(target, run);
            lock.requireFree();
            TargetCheck.Facts facts = check.require(run, lock::othersWrite);
            check.requireTakes(references.largestBytes());
            check.requireTakesBase(run);
            for (TargetRedis node : target.all()) {
                Libraries.of(node, references.definitions()).requireNoConflict(options.replace());
            }
            indexes.requireNoConflict(target.all());
            take(lock, check);
            return fill(target, lock, facts, references, indexes);
        }
    }

    private TargetLimits requireFillable(TargetPrimaries target) {
        TargetCheck check = new TargetCheck(target, run.options());
        TargetLock lock = new TargetLock(target, run);
        lock.requireFree();
        check.require(run, lock::othersWrite);
        return check.limits();
    }

    private void take(TargetLock lock, TargetCheck check) throws InterruptedException {
        try {
            if (lock.take()) {
                // Again, now that no other restore can begin: two that found the target empty must not both fill it.
                check.requireEmpty(1);
                if (run.options().replace()) {
                    run.report(Phase.WRITING, 0);
                    RestoreRun.requireNotStopped();
                    lock.clearTarget();
                }
                lock.openToOthers();
            }
            run.report(Phase.WRITING, 0);
        } catch (RuntimeException | InterruptedException e) {
            giveBack(lock);
            throw e;
        }
    }

    private RestoreReport fill(
            TargetPrimaries target,
            TargetLock lock,
            TargetCheck.Facts facts,
            References references,
            SearchIndexes indexes) {
        long bytesInFlightMax = run.settings().restorer().bytesInFlightMax();
        TargetPipeline pipeline = new TargetPipeline(target, bytesInFlightMax, ANSWER_LIMIT);
        TargetWriter writer = new TargetWriter(
                target,
                new LargeValueWriter(target, run.options().part(), run::fetch, bytesInFlightMax),
                pipeline,
                run.options().merge());
        RestoreReport report;
        try (pipeline) {
            for (TargetRedis node : target.all()) {
                Libraries.of(node, references.definitions()).restore();
            }
            long beganMillis = target.all().stream()
                    .mapToLong(node -> node.timeMillis(UNTOUCHED))
                    .min()
                    .orElseThrow();
            int dumpVersion = dumpVersion(target);
            Supplier<ContentAccount> newAccount = () -> new ContentAccount(run.shards(), beganMillis, dumpVersion);
            ContentAccount expected = newAccount.get();
            Filling filling = new Filling(run, writer, expected, beganMillis);
            filling.fill();
            target.lookAgain(NOT_PROVEN);
            // Not before the last key: an index that takes in key after key slows each write down.
            List<RestoredIndex> made = indexes.make(target.all());
            long movesBefore = target.moves();
            TargetProof proof = proof(target, facts, filling, expected, newAccount);
            List<String> limits = new ArrayList<>(proof.limits(filling, expected));
            limits.addAll(said(writer, movesBefore));
            report = RestoreReport.of(run, target.address(), writer, filling, proof.shards(), limits)
                    .with(made, run.elapsed());
            proof.requireLibraries(references.definitions());
        } catch (TidemarkError e) {
            throw unfinished(e.code(), e.getMessage(), writer, lock, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unfinished(ExitCode.UNEXPECTED, "the restore was interrupted", writer, lock, e);
        } catch (RuntimeException e) {
            String what = "the restore failed unexpectedly: " + e.getClass().getSimpleName();
            throw unfinished(ExitCode.UNEXPECTED, what, writer, lock, e);
        }
        release(lock, report);
        return report;
    }

    /**
     * Reads it back. A key that goes from one primary of a Cluster to another may be with neither at the moment that each
     * is read, so a Cluster that does not hold all is read again, until two readings find the same.
     */
    private TargetProof proof(
            TargetPrimaries target,
            TargetCheck.Facts facts,
            Filling filling,
            ContentAccount expected,
            Supplier<ContentAccount> newAccount)
            throws InterruptedException {
        RestorePart part = run.options().part();
        TargetProof proof = new TargetProof(run, facts.majorVersion(), key -> RestorePieces.isLeftBehind(key, part));
        List<ShardProof> before = List.of();
        for (int readingsLeft = target.isCluster() ? READINGS_OF_A_CLUSTER_MAX : 1; ; readingsLeft--) {
            try {
                proof.read(target.all(), filling, expected, newAccount.get(), filling::isOurs);
                if (proof.isEqual() || proof.shards().equals(before) || readingsLeft == 1) {
                    return proof;
                }
                before = proof.shards();
            } catch (TidemarkError refused) {
                if (readingsLeft == 1 || Redirection.of(refused.getCause()).isEmpty()) {
                    throw refused;
                }
            }
            target.lookAgain(NOT_PROVEN);
        }
    }

    /** All is written and read back by now: a lock that stays changes nothing of that. */
    private void release(TargetLock lock, RestoreReport report) {
        try {
            lock.release(report.isProven());
        } catch (TidemarkError e) {
            throw new TidemarkError(
                    e.code(),
                    "%s %s: %d keys were written and read back, and %s. Only its lock is left: %s"
                            .formatted(
                                    RedisReplies.sentence(e.getMessage()),
                                    run.options().part().isWhole()
                                            ? address.address() + " holds the whole restore"
                                            : "%s holds all of %s"
                                                    .formatted(
                                                            address.address(),
                                                            run.options().part()),
                                    report.keysWritten(),
                                    report.isProven()
                                            ? "are what the archive says"
                                            : "differ from what the archive says",
                                    lock.remedy(report.isProven())),
                    e);
        }
    }

    private List<String> said(TargetWriter writer, long moves) {
        List<String> said = new ArrayList<>();
        RestorePart part = run.options().part();
        if (!part.isWhole()) {
            said.add("this is %s: the other shards%s are for the others to write and to prove"
                    .formatted(part, run.plan().tellsOfDefinitions() ? "" : " and FUNCTION libraries"));
        }
        if (run.options().merge()) {
            said.add("%d keys were there before and were written over".formatted(writer.writtenOver()));
        }
        if (moves > 0) {
            said.add("%d slots of the Cluster moved while it was filled".formatted(moves));
        }
        return said;
    }

    private TidemarkError unfinished(
            ExitCode code, String what, TargetWriter writer, TargetLock lock, Exception cause) {
        return new TidemarkError(code, RedisReplies.sentence(what) + " " + left(writer, lock, giveUp(lock)), cause);
    }

    /** The lock is a key like any other, so its DUMP tells the version. */
    private static int dumpVersion(TargetPrimaries target) {
        byte[] dump = target.ask(
                ReservedKeys.RESTORE_LOCK,
                redis -> redis.dump(ReservedKeys.RESTORE_LOCK.array()),
                "Nothing was restored into it");
        return dump == null ? -1 : DumpPayload.version(Bytes.wrap(dump));
    }

    private static boolean giveUp(TargetLock lock) {
        return isDone(() -> lock.release(false));
    }

    private static void giveBack(TargetLock lock) {
        // If it is not, what failed before says why, and the lock says who, should it still be there.
        isDone(lock::giveBack);
    }

    /** Also by a thread that was interrupted: in a Cluster whose slots move it waits and connects. */
    private static boolean isDone(Runnable parting) {
        boolean isInterrupted = Thread.interrupted();
        try {
            parting.run();
            return true;
        } catch (TidemarkError unreachable) {
            return false;
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private String left(TargetWriter writer, TargetLock lock, boolean unlocked) {
        RestoreOptions options = run.options();
        String held = (writer.isFinished()
                        ? "%s took every key of the restore, %d%s, and that was not proven. "
                        : "%s holds an unfinished restore: up to %d keys were sent to it%s. ")
                .formatted(
                        address.address(),
                        writer.keys(),
                        options.replace() ? " after all that it had was deleted" : "");
        if (!unlocked) {
            return held
                    + "Its lock could not be removed; see that the target is what you think it is, then "
                    + lock.remedy(false);
        }
        if (!options.part().isWhole()) {
            return held + "Run %s again with --merge; the others are not concerned".formatted(options.part());
        }
        return held
                + (options.merge()
                        ? "What the restore does not hold was left alone. Run it again with --merge"
                        : "Go on over what is there with --merge, or begin anew with --replace, or empty the target");
    }
}
