package dev.tidemark.standalone.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "demo",
        description = {
            "Show it: a real Redis, Kafka and S3 on this machine, a disaster, a restore, the proof.",
            "",
            "Needs nothing but this jar: where there is no redis-server it brings its own, of version 6.2."
        },
        footer = {"  tidemark demo             in about a minute; it leaves nothing behind"})
final class DemoCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Override
    public Integer call() {
        return tidemark.demo().run().number();
    }
}
