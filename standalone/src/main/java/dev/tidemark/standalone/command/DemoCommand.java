package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.standalone.demo.Demo;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "demo",
        description = {
            "Show it: a real Redis with 50,000 chunks, backed up by 'tidemark up'; a bad ingest, a FLUSHALL, a"
                    + " restore, the proof. Every command that is shown is run.",
            "",
            "Needs nothing but this jar, 2 GB of memory and 1 GB of disk: where there is no redis-server it brings its"
                    + " own, of version 6.2. Exit code 6 when what came back is not what was there."
        },
        footer = {
            "  tidemark demo                    in under three minutes; it leaves nothing behind",
            "  tidemark demo --chunks 5000      quicker",
            "  tidemark demo --keep             and leaves it running, to try commands on, until Ctrl-C"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int CHUNKS_MAX = 1_000_000;

    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(names = "--chunks", paramLabel = "N", description = "How many chunks; 50,000 by default.")
    private int chunks = 50_000;

    @Option(names = "--keep", description = "Leave everything running at the end, until Ctrl-C.")
    private boolean keep;

    @Override
    public Integer call() {
        if (chunks < Demo.chunksMin() || chunks > CHUNKS_MAX) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "--chunks is %d; nothing was started. It is %d to %d"
                            .formatted(chunks, Demo.chunksMin(), CHUNKS_MAX));
        }
        Stop.Words words = tidemark.onStop(
                ended -> Optional.of("stopped; every server of the demo ends with it, and its files are deleted"));
        try {
            return tidemark.demo(chunks, keep).run().number();
        } finally {
            words.close();
        }
    }
}
