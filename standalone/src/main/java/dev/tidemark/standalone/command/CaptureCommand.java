package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "capture",
        description = "Log every change of a Redis to Kafka, with the proof of how far; runs until it is stopped.",
        footer = {
            "  tidemark capture                          of the Redis in ./tidemark.yml",
            "  tidemark capture --config /etc/rag.yml    of another one",
            "  TIDEMARK_REDIS_URI=redis://10.0.0.7:6379 tidemark capture"
        })
final class CaptureCommand implements Callable<Integer> {
    private final ServiceStart service;

    @ParentCommand
    private TidemarkCommand tidemark;

    CaptureCommand(ServiceStart service) {
        this.service = service;
    }

    @Override
    public Integer call() {
        service.start(tidemark.settings(Role.CAPTURE)).untilItEnds();
        return ExitCode.DONE.number();
    }
}
