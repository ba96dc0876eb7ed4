package dev.tidemark.standalone.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The dashboard and the alerts against the list of metrics; against a live scrape they are held by UpTest. */
class DeployedMetricsTest {
    @Test
    void everyMetricThatIsAskedForIsDocumented() {
        Map<String, String> names = DeployedMetrics.names();

        assertThat(names).hasSizeGreaterThan(20);
        assertThat(MetricsTable.documented("").keySet()).containsAll(names.keySet());
    }

    @Test
    void everyAlertLeadsToARunbookThatIsThere() {
        for (JsonNode alert : DeployedMetrics.alerts()) {
            String runbook = alert.at("/annotations/runbook").asText();
            String topic = runbook.replaceFirst("docs/runbooks/(.+)\\.md", "$1");
            assertThat(DeployedMetrics.DEPLOY.resolveSibling(runbook)).exists();
            assertThat(alert.at("/annotations/command").asText()).isEqualTo("tidemark runbook " + topic);
        }
    }

    @Test
    void noTwoPanelsHaveOnePlace() {
        boolean[][] taken = new boolean[100][24];
        for (JsonNode panel : DeployedMetrics.dashboard().get("panels")) {
            JsonNode at = panel.get("gridPos");
            for (int y = at.get("y").asInt();
                    y < at.get("y").asInt() + at.get("h").asInt();
                    y++) {
                for (int x = at.get("x").asInt();
                        x < at.get("x").asInt() + at.get("w").asInt();
                        x++) {
                    assertThat(taken[y][x]).as(panel.get("title").asText()).isFalse();
                    taken[y][x] = true;
                }
            }
        }
    }

    @Test
    void prometheusTakesTheRulesAndTheyFireWhenTheyShould() throws IOException, InterruptedException {
        assumeTrue(isOnPath("promtool"), "promtool is not on the PATH; Debian's package prometheus has it");

        Path prometheus = DeployedMetrics.DEPLOY.resolve("prometheus");
        assertPasses(
                "promtool",
                "check",
                "rules",
                prometheus.resolve("tidemark.rules.yml").toString());
        assertPasses(
                "promtool",
                "test",
                "rules",
                prometheus.resolve("tidemark.rules.test.yml").toString());
    }

    private static boolean isOnPath(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private static void assertPasses(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }
}
