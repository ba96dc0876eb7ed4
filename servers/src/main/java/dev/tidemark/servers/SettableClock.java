package dev.tidemark.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A server whose wall clock can be set: the machine's own program, with a few lines of C before the C library's. Its monotonic
 * clock stays as it is, as when somebody sets a clock.
 */
public final class SettableClock {
    /** What to tell of a test that cannot run. */
    public static final String NEEDS = "there is no C compiler: apt-get install gcc libc6-dev";

    private final Path offset;
    private final Path program;

    private SettableClock(Path offset, Path program) {
        this.offset = offset;
        this.program = program;
    }

    /** One whose files are in this directory; none where no C compiler is. */
    public static Optional<SettableClock> in(Path directory) {
        Path library = directory.resolve("settable-clock.so");
        if (!compile(library)) {
            return Optional.empty();
        }
        Path offset = directory.resolve("offset");
        Path program = directory.resolve("redis-server");
        String script =
                """
                #!/bin/sh
                export LD_PRELOAD='%s' CLOCK_OFF_BY='%s'
                exec '%s' "$@"
                """.formatted(library, offset, RedisServer.find().orElseThrow().path());
        try {
            Files.writeString(program, script);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SettableClock clock = new SettableClock(offset, program);
        clock.setOffBy(0);
        return Optional.of(clock);
    }

    private static boolean compile(Path library) {
        Path source = library.resolveSibling("settable-clock.c");
        try (InputStream resource = SettableClock.class.getResourceAsStream("settable-clock.c")) {
            Files.copy(resource, source);
            return new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(library.resolveSibling("cc.log").toFile())
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public RedisServer startServer() {
        return RedisServer.start(RedisServer.Options.defaults().withBinary(program));
    }

    /** From the machine's clock. */
    public void setOffBy(int seconds) {
        try {
            // Never half a number: the server reads it at any time.
            Path next = Files.writeString(offset.resolveSibling("next"), Integer.toString(seconds));
            Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
