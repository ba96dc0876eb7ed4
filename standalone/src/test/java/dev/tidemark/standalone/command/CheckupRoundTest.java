package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Findings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CheckupRoundTest {
    @Test
    void whatHangsOrFailsTakesNothingAwayFromWhatWasFound() throws IOException {
        Findings slow = Findings.of("redis", "a:1");
        Findings faulty = Findings.of("kafka", "b:2");
        Findings well = Findings.of("s3", "s3://c");

        List<Finding> found = new CheckupRound(Duration.ofSeconds(2))
                .add(slow, () -> {
                    slow.ok("reachable", "yes");
                    hang();
                })
                .add(faulty, () -> {
                    faulty.ok("reachable", "yes");
                    throw new IllegalStateException("with a secret");
                })
                .add(well, () -> well.ok("list", "allowed"))
                .run();

        assertThat(found)
                .extracting(each -> each.subject() + " " + each.check())
                .containsExactly("redis reachable", "redis answers", "kafka reachable", "kafka checkup", "s3 list");
        assertThat(found.toString()).contains("java.lang.IllegalStateException").doesNotContain("secret");
        Path details = Path.of(found.get(3).found().replaceFirst(".*details are in (\\S+\\.log)$", "$1"));
        assertThat(details).content().contains("with a secret");
        Files.delete(details);
    }

    /** What is listed would look like all that there is to find, and the exit code would say that nothing is missing. */
    @Test
    void aCheckupThatCouldNotBeRunToItsEndIsMissing() throws IOException {
        Findings broken = Findings.of("redis", "a:1");

        List<Finding> found = new CheckupRound(Duration.ofSeconds(10))
                .add(broken, () -> {
                    broken.ok("reachable", "yes");
                    throw new OutOfMemoryError("as if");
                })
                .run();

        assertThat(found).extracting(Finding::state).containsExactly(Finding.State.OK, Finding.State.MISSING);
        Files.delete(Path.of(found.get(1).found().replaceFirst(".*details are in (\\S+\\.log)$", "$1")));
    }

    private static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
