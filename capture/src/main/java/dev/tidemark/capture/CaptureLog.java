package dev.tidemark.capture;

import dev.tidemark.schemas.health.Outage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that capture says, in one vocabulary: {@code event=... shard=... node=...}; never a key, a value or a secret. */
final class CaptureLog {
    private static final Logger LOG = LoggerFactory.getLogger("dev.tidemark.capture");

    private CaptureLog() {}

    static void watching(String node, String watch) {
        LOG.info("event=watching node={} watch={}", node, watch);
    }

    static void watchOver(String node, String reason) {
        LOG.warn("event=watch-over node={} reason=\"{}\" next=\"watch anew\"", node, reason);
    }

    static void doubt(int shard, String node, String reason) {
        LOG.warn("event=doubt shard={} node={} reason=\"{}\" next=resync", shard, node, reason);
    }

    static void topology(String primaries) {
        LOG.info("event=topology primaries={}", primaries);
    }

    static void late(String reason) {
        LOG.warn("event=late reason=\"{}\"", reason);
    }

    /** The same of what is tried again and again: now and then, while it lasts. */
    static void late(Outage.Spell spell, String reason) {
        LOG.warn(
                "event=late what=\"{}\" failures={} waited={} reason=\"{}\"",
                spell.what(),
                spell.failures(),
                spell.lasted(),
                reason);
    }

    static void lateOver(Outage.Spell spell) {
        LOG.info("event=late-over what=\"{}\" failures={} waited={}", spell.what(), spell.failures(), spell.lasted());
    }

    static void claimed(int shard, long epoch) {
        LOG.info("event=claimed shard={} epoch={}", shard, epoch);
    }

    static void claimFailed(int shard, String reason) {
        LOG.warn("event=claim-failed shard={} reason=\"{}\"", shard, reason);
    }

    static void fenced(int shard) {
        LOG.warn("event=fenced shard={} next=\"claim again\"", shard);
    }

    static void released(int shard) {
        LOG.info("event=released shard={}", shard);
    }

    static void resyncBegun(int shard, String reason) {
        LOG.info("event=resync-begun shard={} reason=\"{}\"", shard, reason);
    }

    static void resyncProgress(String node, long keys, long of, String seconds) {
        LOG.info("event=resync-progress node={} keys={} of={} seconds={}", node, keys, of, seconds);
    }

    static void definitionsNotCovered(String node, String what, String why, String next) {
        LOG.warn("event=definitions-not-covered node={} what=\"{}\" reason=\"{}\" next=\"{}\"", node, what, why, next);
    }

    static void resyncEnded(int shard, long offset) {
        LOG.info("event=resync-ended shard={} offset={}", shard, offset);
    }

    static void notificationsNotConfigurable(String why) {
        LOG.warn(
                "event=notifications-not-configurable reason=\"{}\" next=\"set notify-keyspace-events Kgxet in redis.conf\"",
                why);
    }

    static void entrySetAside(String node, String reason) {
        LOG.warn("event=journal-entry-set-aside node={} reason=\"{}\" next=\"mend the writer\"", node, reason);
    }

    static void nameTooLong(int shard, int bytes) {
        LOG.warn(
                "event=name-too-long shard={} bytes={} next=\"such keys are not backed up; give them shorter names\"",
                shard,
                bytes);
    }

    static void failed(Throwable unexpected) {
        LOG.error("event=failed", unexpected);
    }
}
