package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "compact",
        description = "Write what is logged in Kafka to S3, a file at a time; runs until it is stopped.",
        footer = {
            "  tidemark compact                          of the source in ./tidemark.yml",
            "  tidemark compact --config /etc/rag.yml    of another one",
            "  TIDEMARK_COMPACTOR_CUT_AGE=10s tidemark compact"
        })
final class CompactCommand implements Callable<Integer> {
    private final ServiceStart service;

    @ParentCommand
    private TidemarkCommand tidemark;

    CompactCommand(ServiceStart service) {
        this.service = service;
    }

    @Override
    public Integer call() {
        service.start(tidemark.settings(Role.COMPACTOR)).untilItEnds();
        return ExitCode.DONE.number();
    }
}
