package dev.tidemark.capture;

import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.schemas.health.Outage;

/** What is said of capture, in its three forms at once: the log, the metrics and the health. */
record CaptureStatus(CaptureMetrics metrics, CaptureHealth health) {

    /** Claims wait, and nothing is in doubt. */
    void late(LateCause cause, String reason) {
        metrics.late(cause);
        CaptureLog.late(reason);
    }

    /** The same of what is tried again and again, and may last for hours: counted each time, said now and then. */
    void late(Outage lateness, LateCause cause, String reason) {
        metrics.late(cause);
        lateness.failed(System.nanoTime()).ifPresent(spell -> CaptureLog.late(spell, reason));
    }

    /** That is over. */
    void onTime(Outage lateness) {
        lateness.answered(System.nanoTime()).ifPresent(CaptureLog::lateOver);
    }

    /** Redis or Kafka does not answer, and is asked again: counted each time, said now and then. */
    void unreachable(Outage outage, LateCause cause, String reason) {
        metrics.late(cause);
        outage.failed(System.nanoTime()).ifPresent(spell -> spell.sayUnreachable(reason));
    }

    /** It answers. */
    void reachable(Outage outage) {
        outage.answered(System.nanoTime()).ifPresent(Outage.Spell::sayReachable);
    }

    void doubt(int shard, String node, Doubt doubt) {
        metrics.doubt(doubt.cause());
        health.doubted(shard, doubt.cause());
        CaptureLog.doubt(shard, node, doubt.reason());
    }
}
