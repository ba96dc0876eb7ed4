package dev.tidemark.standalone.command;

import dev.tidemark.archive.sql.AnalystQueries;
import dev.tidemark.archive.sql.AnalystTables;
import dev.tidemark.archive.sql.Engine;
import dev.tidemark.archive.sql.SqlStatement;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.times.TimeArgument;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "ddl",
        description = {
            "Print the SQL with which a query engine reads the archive: tables, the view over them, and queries that are ready"
                    + " to run. Nothing is read or written anywhere.",
            "",
            "The view sees every change exactly once while hours are rolled up. A bound on dt prunes; give one always."
        },
        footer = {
            "  tidemark ddl --engine athena",
            "  tidemark ddl --engine trino --location s3a://my-backups/prod-rag",
            "  tidemark ddl --engine duckdb --at 2026-11-20T14:02:10Z --key chunk:17 > rag.sql"
        })
final class DdlCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(names = "--engine", paramLabel = "ENGINE", required = true, description = "athena, trino or duckdb.")
    private Engine engine;

    @Option(
            names = "--location",
            paramLabel = "URI",
            description = "Where the engine finds the source's archive. Default: s3://BUCKET/ROOT/SOURCE.")
    private String location;

    @Option(
            names = "--settle",
            paramLabel = "MINUTES",
            defaultValue = "10",
            description = "How long before a query an hour must have been rolled up to be read from there."
                    + " Default: ${DEFAULT-VALUE}.")
    private int settleMinutes;

    @Option(
            names = "--since",
            paramLabel = "DATE",
            defaultValue = "2020-01-01",
            description = "The first day that queries look at. Default: ${DEFAULT-VALUE}.")
    private LocalDate since;

    @Option(
            names = "--from",
            paramLabel = "T",
            defaultValue = "-24h",
            description = "Where the time of the queries about changes begins. Default: ${DEFAULT-VALUE}.")
    private String from;

    @Option(
            names = "--at",
            paramLabel = "T",
            defaultValue = "-1m",
            description =
                    "Where it ends, and the time of the state: " + TimeArgument.FORMS + ". Default: ${DEFAULT-VALUE}.")
    private String at;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            defaultValue = "chunk:1",
            description = "The key whose history is asked for. Default: ${DEFAULT-VALUE}.")
    private String key;

    @Override
    public Integer call() {
        Settings settings = tidemark.settings(Role.RESTORER);
        String name = settings.source().name().replace('-', '_');
        AnalystTables tables = new AnalystTables(
                engine,
                name,
                Optional.ofNullable(location).orElseGet(() -> locationOf(settings)),
                Duration.ofMinutes(settleMinutes),
                since);
        AnalystQueries queries = new AnalystQueries(engine, name, since, time(from), time(at), key);
        List<SqlStatement> statements = new ArrayList<>(tables.statements());
        statements.addAll(queries.statements());
        tidemark.answer(
                statements.stream().map(SqlStatement::script).collect(Collectors.joining("\n")),
                statements.stream()
                        .map(statement -> Map.of("title", statement.title(), "sql", statement.sql()))
                        .toList());
        return ExitCode.DONE.number();
    }

    private static String locationOf(Settings settings) {
        String root = settings.s3().root();
        return "s3://%s/%s%s"
                .formatted(
                        settings.s3().bucket(),
                        root.isEmpty() ? "" : root + "/",
                        settings.source().name());
    }

    private Instant time(String text) {
        return tidemark.time(text)
                .at()
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.USAGE, "a query needs a time that is said, not 'latest'; for example -1m"));
    }
}
