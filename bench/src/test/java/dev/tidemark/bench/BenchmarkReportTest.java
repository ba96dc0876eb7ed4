package dev.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchmarkReportTest {
    private static final BenchmarkReport REPORT = new BenchmarkReport(
            "path",
            List.of(Metric.of(
                    "path, chunks",
                    "changes/s",
                    new Samples(List.of(9_000.0, 12_345.6, 10_000.0)),
                    new Samples(List.of(40_000.0, 40_000.0, 41_000.0)),
                    Goal.atLeast(0.5))),
            3,
            List.of("a remark"),
            new Versions("17.0.1", "7.0.15", "4.3.1", "0.1.0"),
            new Machine(2, 24L << 30, 1L << 30, "Linux 6.1 amd64", 0.5));

    @Test
    void theJsonIsOneObjectOfTheAgreedShape() {
        JsonNode json = new ObjectMapper().valueToTree(REPORT);

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("bench", "metrics", "rounds", "remarks", "versions", "machine");
        assertThat(json.get("bench").textValue()).isEqualTo("path");
        JsonNode metric = json.get("metrics").get(0);
        assertThat(metric.fieldNames())
                .toIterable()
                .containsExactly("name", "ours", "limit", "unit", "ratio", "goal", "better", "met", "spread");
        assertThat(metric.get("ours").doubleValue()).isEqualTo(10_000);
        assertThat(metric.get("limit").doubleValue()).isEqualTo(40_000);
        assertThat(metric.get("unit").textValue()).isEqualTo("changes/s");
        assertThat(metric.get("ratio").doubleValue()).isEqualTo(0.25);
        assertThat(metric.get("goal").doubleValue()).isEqualTo(0.5);
        assertThat(metric.get("better").textValue()).isEqualTo("HIGHER");
        assertThat(metric.get("met").isBoolean()).isTrue();
        assertThat(metric.get("met").booleanValue()).isFalse();
        assertThat(metric.at("/spread/ours/min").doubleValue()).isEqualTo(9_000);
        assertThat(metric.at("/spread/limit/max").doubleValue()).isEqualTo(41_000);
        assertThat(json.at("/versions/redis").textValue()).isEqualTo("7.0.15");
        assertThat(json.at("/machine/cores").intValue()).isEqualTo(2);
    }

    @Test
    void theTextTellsMediansSpreadRatioVersionsAndMachine() {
        assertThat(REPORT.text())
                .contains("bench path: median (min..max) of 3 rounds")
                .contains("path, chunks, changes/s")
                .containsPattern("ours +10,000 +\\(9,000\\.\\.12,346\\)")
                .containsPattern("limit +40,000 +\\(40,000\\.\\.41,000\\)")
                .containsPattern("ratio +0\\.25 +goal at least 0\\.50: missed")
                .contains("a remark")
                .contains("Java 17.0.1, Redis 7.0.15, Kafka 4.3.1, Tidemark 0.1.0")
                .endsWith("2 cores, 24.0 GiB of memory, heap up to 1.0 GiB, Linux 6.1 amd64, load 0.5 at the start");
    }

    @Test
    void aSizeOutOfBoundsIsRefusedByTheNameOfItsOption() {
        assertThatThrownBy(() -> new BenchmarkRequest(
                        0, 1, Duration.ofMinutes(1), new BenchmarkRequest.Soak(1, 2), "", line -> {}))
                .hasMessage("--rounds is 0; it may be 1 to 100");
        assertThatThrownBy(() -> new BenchmarkRequest(
                        1, 1_000_001, Duration.ofMinutes(1), new BenchmarkRequest.Soak(1, 2), "", line -> {}))
                .hasMessage("--chunks is 1000001; it may be 1 to 1000000");
        assertThatThrownBy(() ->
                        new BenchmarkRequest(1, 1, Duration.ZERO, new BenchmarkRequest.Soak(1, 2), "", line -> {}))
                .hasMessage("--minutes is 0; it may be 1 to 1440");
    }
}
