package dev.tidemark.standalone.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.Await;
import dev.tidemark.standalone.command.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration as README.md tells to type it, with fewer chunks. */
class DemoTest {
    private static final String TYPED = "./tidemark demo\n";
    private static final Pattern COMMAND = Pattern.compile("(?m)^\\$ tidemark (\\S+)");
    private static final Pattern FOLDER = Pattern.compile("TIDEMARK_CONFIG=(\\S+)/data/tidemark.yml");

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    static boolean types(ShellBlock block) {
        return block.text().equals(TYPED);
    }

    @Test
    void tellsTheWholeStoryAndLeavesNothingBehind() {
        assertThat(Documents.shellBlocks()).anyMatch(DemoTest::types);

        int code = terminal.run("demo", "--chunks", "600");

        String told = terminal.out();
        assertThat(code).as(terminal.printed()).isZero();
        assertThat(COMMAND.matcher(told).results().map(found -> found.group(1)))
                .containsExactly("up", "status", "history", "show", "diff", "points", "plan", "restore", "verify");
        List<String> nearest = told.lines()
                .filter(line -> line.contains("similarity"))
                .map(String::strip)
                .toList();
        assertThat(nearest).hasSize(9);
        assertThat(nearest.get(0)).startsWith("chunk:00007:003").contains("Document 7, chunk 3");
        assertThat(nearest.get(3)).as("after the bad ingest").doesNotStartWith("chunk:00007:003");
        assertThat(nearest.subList(6, 9)).isEqualTo(nearest.subList(0, 3));
        assertThat(told)
                .contains("600 chunks, fingerprint", "0 chunks are left", "proof      PASS")
                .contains("the same chunks, the same bytes, the same answers as before")
                .containsPattern("RPO +\\d+ ms")
                .containsPattern("RTO +\\d+\\.\\d s");
        assertThat(FOLDER.matcher(told).results().map(found -> Path.of(found.group(1))))
                .hasSize(1)
                .allSatisfy(folder -> assertThat(folder).doesNotExist());
    }

    @Test
    void isStoppedInGoodOrderWhileItIsKept() throws Exception {
        AtomicInteger code = new AtomicInteger(-1);
        Thread demo = new Thread(() -> code.set(terminal.run("demo", "--chunks", "600", "--keep")));
        demo.start();
        Await.until(
                Duration.ofMinutes(3),
                () -> terminal.out().contains("# the restored one") || !demo.isAlive(),
                "the demo is kept running");
        // As Ctrl-C does.
        demo.interrupt();
        demo.join(Duration.ofMinutes(1).toMillis());

        assertThat(code).as(terminal.printed()).hasValue(0);
        assertThat(terminal.err()).doesNotContain("unexpected failure");
        assertThat(terminal.out()).contains("In another terminal:").doesNotContain(":.");
        // A moment that is typed late too must be one at which the chunk was there.
        assertThat(terminal.out()).containsPattern("\\$ tidemark show chunk:\\S+ --at \\d{4}-\\S+Z\\R\\$ redis-cli");
        assertThat(FOLDER.matcher(terminal.out()).results().map(found -> Path.of(found.group(1))))
                .isNotEmpty()
                .allSatisfy(folder -> assertThat(folder).doesNotExist());
    }

    @Test
    void tooFewChunksForTheStoryAreRefused() {
        assertThat(terminal.run("demo", "--chunks", "19")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("--chunks is 19", "nothing was started");
    }
}
