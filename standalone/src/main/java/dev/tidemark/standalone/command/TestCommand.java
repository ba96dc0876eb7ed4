package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Stands in the help; the work is done by the script at the top of a checkout, before there is a jar. */
@Command(
        name = "test",
        description = "Build and test everything, on real servers; from a checkout, as ./tidemark test.",
        footer = {
            "  ./tidemark test                     the build, its gates and all tests",
            "  ./tidemark test --matrix            the same on every Redis there is",
            "  ./tidemark test -pl schemas         what follows is for Maven"
        })
final class TestCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new TidemarkError(
                ExitCode.USAGE,
                "the tests are built from source, and this jar has none; nothing was run."
                        + " In a checkout run './tidemark test'");
    }
}
