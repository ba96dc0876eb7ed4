package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.DoubtCause;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CaptureMetricsTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nowMicros = new AtomicLong(1_000_000_000);
    private final CaptureMetrics metrics = new CaptureMetrics(registry, 4, nowMicros::get);

    @Test
    void countsByShard() {
        metrics.changeWritten(3, 100);
        metrics.changeWritten(3, 50);
        metrics.touched(2, 7);

        assertThat(counter("tidemark.capture.changes", "shard", "3")).isEqualTo(2);
        assertThat(counter("tidemark.capture.change.bytes", "shard", "3")).isEqualTo(150);
        assertThat(counter("tidemark.capture.touches", "shard", "2")).isEqualTo(7);
        assertThat(counter("tidemark.capture.touches", "shard", "3")).isZero();
    }

    @Test
    void aClaimAgesUntilTheNextOne() {
        metrics.bindShard(1, 0);
        assertThat(gauge("tidemark.capture.tidemark.age", "1")).isNaN();

        metrics.claimed(1, nowMicros.get() - 500_000, 1_100_000);

        assertThat(gauge("tidemark.capture.tidemark.age", "1")).isEqualTo(0.5);
        assertThat(gauge("tidemark.capture.tidemark.exactness", "1")).isEqualTo(1.1);
        nowMicros.addAndGet(2_000_000);
        assertThat(gauge("tidemark.capture.tidemark.age", "1")).isEqualTo(2.5);
    }

    @Test
    void aNewOwnerShowsTheAgeOfTheClaimBeforeIt() {
        metrics.bindShard(1, nowMicros.get() - 3_000_000);

        assertThat(gauge("tidemark.capture.tidemark.age", "1")).isEqualTo(3);
        assertThat(gauge("tidemark.capture.shard.live", "1")).isZero();
    }

    @Test
    void aReleasedShardHasNoGaugesAndMayComeBack() {
        metrics.bindShard(0, 1);
        metrics.bindShard(1, 1);
        metrics.shardState(1, true, 5, nowMicros.get() - 250_000, 2, 1);
        assertThat(gauge("tidemark.capture.open.keys", "1")).isEqualTo(5);
        assertThat(gauge("tidemark.capture.open.age", "1")).isEqualTo(0.25);
        assertThat(gauge("tidemark.capture.shard.live", "1")).isEqualTo(1);
        assertThat(gauge("tidemark.capture.unreadable.keys", "1")).isEqualTo(1);

        metrics.releaseShard(1);
        metrics.releaseShard(1);
        metrics.claimed(1, 5, 5);
        metrics.shardState(1, true, 9, 9, 9, 9);

        assertThat(registry.find("tidemark.capture.open.keys").tag("shard", "1").gauge())
                .isNull();
        assertThat(registry.get("tidemark.capture.shards.owned").gauge().value())
                .isEqualTo(1);
        metrics.bindShard(1, 1);
        assertThat(gauge("tidemark.capture.open.keys", "1")).isZero();
    }

    @Test
    void aNodeThatIsGoneIsShownNoMore() {
        CaptureMetrics.NodeGauges node = metrics.bindNode("10.0.0.7:6379");
        node.watching(2);
        node.barrierTook(Duration.ofMillis(3).toNanos());
        node.resyncing(10, 40, nowMicros.get() + 30_000_000);
        assertThat(ofNode("tidemark.capture.watchers")).isEqualTo(2);
        assertThat(ofNode("tidemark.capture.resync.remaining")).isEqualTo(30);
        nowMicros.addAndGet(60_000_000);
        assertThat(ofNode("tidemark.capture.resync.remaining")).isZero();
        node.resynced();
        assertThat(ofNode("tidemark.capture.resync.keys")).isZero();

        node.close();

        assertThat(registry.find("tidemark.capture.watchers").gauge()).isNull();
        assertThat(registry.find("tidemark.capture.barrier").timer()).isNull();
    }

    @Test
    void causesAreAFixedVocabulary() {
        for (DoubtCause cause : DoubtCause.values()) {
            metrics.doubt(cause);
        }
        metrics.late(LateCause.CLOCK_AHEAD);

        assertThat(registry.find("tidemark.capture.doubts").counters())
                .hasSize(DoubtCause.values().length)
                .allMatch(counter -> counter.count() == 1);
        assertThat(counter("tidemark.capture.late", "cause", "clock_ahead")).isEqualTo(1);
    }

    private double counter(String name, String label, String value) {
        return registry.get(name).tag(label, value).counter().count();
    }

    private double gauge(String name, String shard) {
        return registry.get(name).tag("shard", shard).gauge().value();
    }

    private double ofNode(String name) {
        return registry.get(name).tag("node", "10.0.0.7:6379").gauge().value();
    }
}
