package dev.tidemark.capture;

import dev.tidemark.capture.proof.Doubt;

/** What is said of capture, in its three forms at once: the log, the metrics and the health. */
record CaptureStatus(CaptureMetrics metrics, CaptureHealth health) {

    /** Claims wait, and nothing is in doubt. */
    void late(LateCause cause, String reason) {
        metrics.late(cause);
        CaptureLog.late(reason);
    }

    /** Redis or Kafka does not answer, and is asked again. */
    void unreachable(LateCause cause, String what) {
        metrics.late(cause);
        CaptureLog.unreachable(what);
    }

    void doubt(int shard, String node, Doubt doubt) {
        metrics.doubt(doubt.cause());
        health.doubted(shard, doubt.cause());
        CaptureLog.doubt(shard, node, doubt.reason());
    }
}
