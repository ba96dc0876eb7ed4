package dev.tidemark.standalone.command;

import dev.tidemark.archive.ArchiveCheckup;
import dev.tidemark.capture.CaptureCheckup;
import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Finding.State;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "doctor",
        description = {
            "Try everything that Redis, Kafka and S3 must allow, and print for each what was found and what mends it.",
            "",
            "Changes nothing: it writes one canary to Redis and three objects to S3, and deletes them. What is away is told,"
                    + " and the others are examined all the same. Exit code 8 when something is missing."
        },
        footer = {
            "  tidemark doctor                          before the first capture, and whenever something is odd",
            "  tidemark doctor --config /etc/rag.yml    of another source",
            "  tidemark doctor -o json | jq '.checks[] | select(.state == \"missing\") | .mend.line'"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @ParentCommand
    private TidemarkCommand tidemark;

    @Override
    public Integer call() {
        Settings settings = tidemark.settings(Role.CAPTURE);
        String source = settings.source().name();
        Findings redis =
                Findings.of("redis", settings.redis().uri().orElseThrow().getAuthority());
        Findings kafka = Findings.of("kafka", settings.kafka().bootstrap());
        Findings s3 = Findings.of("s3", "s3://" + settings.s3().bucket());
        List<Finding> found = new CheckupRound(PATIENCE)
                .add(redis, () -> CaptureCheckup.redis(settings, Clock.systemUTC(), redis))
                .add(kafka, () -> CaptureCheckup.kafka(settings, kafka))
                .add(s3, () -> new ArchiveCheckup(settings.s3(), source, s3).run())
                .run();
        tidemark.answer(CheckupWords.text(source, found), CheckupWords.json(source, found));
        boolean missing = found.stream().anyMatch(each -> each.state() == State.MISSING);
        return (missing ? ExitCode.DEGRADED : ExitCode.DONE).number();
    }
}
