package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ServiceRunTest {
    @Test
    void aServiceThatEndsIsClosedOnce() {
        AtomicInteger closed = new AtomicInteger();

        new ServiceRun("test", () -> {}, closed::incrementAndGet).untilItEnds();

        assertThat(closed).hasValue(1);
    }

    @Test
    void aServiceThatFailsIsClosedAndItsErrorIsTheOutcome() {
        AtomicInteger closed = new AtomicInteger();
        TidemarkError gone = new TidemarkError(ExitCode.UNREACHABLE, "Kafka is gone");
        ServiceRun run = new ServiceRun(
                "test",
                () -> {
                    throw gone;
                },
                closed::incrementAndGet);

        assertThatThrownBy(run::untilItEnds).isSameAs(gone);

        assertThat(closed).hasValue(1);
    }

    /** The others would go on without it, and nobody would know. */
    @Test
    void oneThatLacksMemoryEndsAllOfThem() {
        AtomicInteger closed = new AtomicInteger();
        OutOfMemoryError fatal = new OutOfMemoryError("as if");
        ServiceRun broken = new ServiceRun(
                "broken",
                () -> {
                    throw fatal;
                },
                closed::incrementAndGet);
        ServiceRun well = new ServiceRun("well", () -> new CountDownLatch(1).await(), closed::incrementAndGet);
        ServiceRun both = ServiceRun.together("both", List.of(() -> broken, () -> well));

        assertThatThrownBy(both::untilItEnds).isSameAs(fatal);

        assertThat(closed).hasValue(2);
    }

    /** Or it would start again what the others end. */
    @Test
    void whoKeepsSomethingRunningIsInterruptedBeforeAnythingIsClosed() {
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicBoolean wasFirst = new AtomicBoolean();
        ServiceRun keeper = new ServiceRun(
                "keeper",
                () -> {
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        interrupted.countDown();
                    }
                },
                () -> {});
        ServiceRun ended = new ServiceRun("ended", () -> {}, () -> wasFirst.set(isDown(interrupted)));

        ServiceRun.together("both", List.of(() -> keeper, () -> ended)).untilItEnds();

        assertThat(wasFirst).isTrue();
    }

    private static boolean isDown(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** In a process of its own, since a signal ends one. */
    @Test
    @Timeout(60)
    void aSignalClosesTheServiceBeforeTheProcessEnds() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Waiting.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            InputStream output = process.getInputStream();
            assertThat(lineOf(output)).isEqualTo("awaiting");

            // Not the process itself, which would close the stream that is still to be read.
            process.toHandle().destroy();

            assertThat(lineOf(output)).isEqualTo("closed");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String lineOf(InputStream output) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int each = output.read(); each >= 0 && each != '\n'; each = output.read()) {
            line.append((char) each);
        }
        return line.toString();
    }

    /** A service that does nothing until it is closed. */
    static final class Waiting {
        private Waiting() {}

        public static void main(String[] arguments) {
            CountDownLatch stopped = new CountDownLatch(1);
            new ServiceRun(
                            "waiting",
                            () -> {
                                System.out.println("awaiting");
                                stopped.await();
                            },
                            () -> {
                                System.out.println("closed");
                                stopped.countDown();
                            })
                    .untilItEnds();
        }
    }
}
