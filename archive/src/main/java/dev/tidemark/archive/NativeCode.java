package dev.tidemark.archive;

import com.github.luben.zstd.util.Native;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.Optional;

/**
 * Zstandard, which all files of the archive are compressed with, is native code: it is put into the directory for temporary
 * files and loaded from there. Hardened machines let no code run there, and others cannot run this one.
 */
final class NativeCode {
    private static final String ANOTHER_DIRECTORY =
            "TIDEMARK_JAVA_OPTIONS=-Djava.io.tmpdir=/a/directory/from/which/programs/may/run";

    private NativeCode() {}

    static void examine(Findings findings) {
        refusal()
                .ifPresentOrElse(
                        why -> findings.missing(
                                "compression", why, Mend.in(Place.SHELL, "export " + ANOTHER_DIRECTORY)),
                        () -> findings.ok("compression", "zstd's native code runs here"));
    }

    /** Why it does not run here. */
    private static Optional<String> refusal() {
        try {
            Native.load();
            return Optional.empty();
        } catch (LinkageError e) {
            String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            // The file's name comes twice, once from the JVM and once from the system.
            return Optional.of("zstd's native code does not run in %s: %s"
                    .formatted(System.getProperty("java.io.tmpdir"), said.replaceFirst("^(\\S+\\.so: )+", "")));
        }
    }

    static void require() {
        refusal().ifPresent(why -> {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "%s. Nothing was started, and nothing is lost. If that is mounted noexec, or full: %s"
                            .formatted(why, ANOTHER_DIRECTORY));
        });
    }
}
