package dev.tidemark.standalone.demo;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.standalone.runbook.ShellWord;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A chunk store is backed up, ruined twice over, and brought back to the moment before. Everything in it is real. */
public final class Demo {
    private static final int RUINED = 7;
    private static final int ASKED_FOR = 3;
    private static final int HITS = 3;
    private static final int BAD_VERSION = 666;
    private static final int EDITS = 4 * LiveEdits.A_SECOND;
    private static final int EDITS_AFTER = LiveEdits.A_SECOND;

    private static final float[] QUERY = Vectors.near(Vectors.of(RUINED, ASKED_FOR, 1));

    private final PrintStream out;
    private final TypedCommand command;
    private final int documents;
    private final boolean keep;
    private int steps;

    /** Runs a command line of ours as if it had been typed, and returns its exit code. */
    public interface TypedCommand {
        int run(Map<String, String> environment, String... arguments);
    }

    /** What is known before the disaster, to compare with what comes back. */
    private record Good(Instant at, Look look) {}

    /**
     * Tells the story on {@code out}.
     *
     * @param keep whether everything stays up at the end, until the process is stopped
     */
    public Demo(PrintStream out, TypedCommand command, int chunks, boolean keep) {
        this.out = out;
        this.command = command;
        this.documents = chunks / ChunkStore.CHUNKS_A_DOCUMENT;
        this.keep = keep;
    }

    /** The fewest chunks that make the story: some documents beside the one that is ruined. */
    public static int chunksMin() {
        return 2 * RUINED * ChunkStore.CHUNKS_A_DOCUMENT;
    }

    /** Runs to its end; fails if what came back is not, to the byte, what was there. */
    public ExitCode run() {
        try (Stage stage = Stage.open();
                ChunkStore store = new ChunkStore(stage.source().uri())) {
            fill(stage, store);
            protect(stage, store);
            Good good = live(stage, store);
            Instant ruined = ruin(stage, store, good);
            Duration rpo = flush(stage, store);
            ExitCode outcome = restore(stage, good, ruined, rpo);
            if (keep && outcome == ExitCode.DONE) {
                keepRunning(stage, good);
            }
            return outcome;
        }
    }

    private void fill(Stage stage, ChunkStore store) {
        step("A Redis with %,d chunks of %,d documents, each chunk with its text and an embedding of %d floats"
                .formatted(documents * ChunkStore.CHUNKS_A_DOCUMENT, documents, Vectors.DIMENSIONS));
        long began = System.nanoTime();
        store.ingest(documents);
        note("redis-server %s at %s, filled in %s"
                .formatted(stage.source().version(), stage.source().uri(), since(began)));
    }

    private void protect(Stage stage, ChunkStore store) {
        step("Back it up. One command, with nothing else installed: it runs the capture of changes, a Kafka, an S3"
                + " store");
        long began = System.nanoTime();
        List<String> up = List.of(
                "up",
                "--redis",
                stage.source().uri().toString(),
                "--data",
                stage.data().toString());
        shown(up, " &");
        stage.up(command, up);
        stage.awaitRestorable(store.now());
        note("every key has been read once, and from now on each change is followed; protected after " + since(began));
        out.printf("%n$ export TIDEMARK_CONFIG=%s%n", ShellWord.of(stage.config()));
        typed(stage, "status");
    }

    private Good live(Stage stage, ChunkStore store) {
        step("Life goes on: an application edits %d chunks a second".formatted(LiveEdits.A_SECOND));
        try (LiveEdits edits = edits(stage)) {
            edits.awaitMade(EDITS);
            note("%,d edits so far; now it holds still for a moment, so that this moment can be compared later"
                    .formatted(edits.made()));
        }
        // However busy this machine is: what was edited just now may not have been read yet.
        stage.awaitHolding(store.now());
        Look look = store.look(QUERY, HITS);
        Instant at = store.now().truncatedTo(ChronoUnit.MILLIS);
        seen(look);
        note("the first one is the right answer: the question was about that chunk");
        note("remember this moment: " + at);
        try (LiveEdits edits = edits(stage)) {
            edits.awaitMade(EDITS_AFTER);
        }
        return new Good(at, look);
    }

    private Instant ruin(Stage stage, ChunkStore store, Good good) {
        step("A bad ingest: document %d is overwritten, text and embeddings. No error anywhere, only wrong answers"
                .formatted(RUINED));
        store.write(RUINED, "lorem ipsum dolor sit amet, %d %d", BAD_VERSION);
        Instant ruined = store.now();
        seen(store.look(QUERY, HITS));
        stage.awaitHolding(ruined);

        String chunk = ChunkStore.key(RUINED, ASKED_FOR);
        ask("When did that chunk change?");
        typed(stage, "history", chunk);
        ask("What was it before?");
        typed(stage, "show", chunk, "--at", good.at().toString());
        ask("What else did the ingest change?");
        typed(
                stage,
                "diff",
                "--from",
                good.at().toString(),
                "--to",
                "latest",
                "--prefix",
                chunk.substring(0, chunk.lastIndexOf(':') + 1),
                "--list",
                Integer.toString(HITS));
        return ruined;
    }

    private Duration flush(Stage stage, ChunkStore store) {
        step("And then somebody types FLUSHALL");
        Instant disaster;
        try (LiveEdits edits = edits(stage)) {
            edits.awaitMade(EDITS_AFTER);
            disaster = store.now();
        }
        store.flush();
        note("%,d chunks are left".formatted(store.look(QUERY, HITS).chunks()));
        ask("What can be restored?");
        typed(stage, "points");
        return stage.lossAt(disaster);
    }

    private ExitCode restore(Stage stage, Good good, Instant ruined, Duration rpo) {
        step("Back to the moment before the bad ingest, into an empty Redis. First what that would take; it writes"
                + " nothing");
        String to = good.at().toString();
        String into = stage.empty().uri().toString();
        typed(stage, "plan", "--to", to);
        step("Restore. Everything is validated before the first write, and read back after the last");
        long began = System.nanoTime();
        typed(stage, "restore", "--to", to, "--into", into);
        Duration rto = Duration.ofNanos(System.nanoTime() - began);
        ask("Is that Redis, live, what the archive says?");
        typed(stage, "verify", into, "--at", to);

        step("And from outside, without any help of Tidemark's");
        Look after;
        try (ChunkStore restored = new ChunkStore(stage.empty().uri())) {
            after = restored.look(QUERY, HITS);
        }
        seen(after);
        boolean isSame = after.equals(good.look());
        note(
                isSame
                        ? "the same chunks, the same bytes, the same answers as before"
                        : "DIFFERENT from what was there: %,d chunks, fingerprint %s"
                                .formatted(good.look().chunks(), good.look().shortFingerprint()));
        step("Measured");
        note("RPO  %4d ms   between the last moment that can be restored and the FLUSHALL".formatted(rpo.toMillis()));
        note("RTO  %6.1f s  from typing 'restore' to %,d chunks written and read back"
                .formatted(rto.toMillis() / 1_000.0, after.chunks()));
        note("given up on purpose: the %d ms between the moment restored and the bad ingest"
                .formatted(Duration.between(good.at(), ruined).toMillis()));
        return isSame ? ExitCode.DONE : ExitCode.DIFFERENT;
    }

    private void keepRunning(Stage stage, Good good) {
        step("Everything stays up until Ctrl-C, and is deleted then");
        ask("In another terminal:");
        out.printf(
                """
                $ export TIDEMARK_CONFIG=%s
                $ tidemark status
                $ tidemark show %s --at %s
                $ redis-cli -u %s dbsize     # the source, which is empty
                $ redis-cli -u %s dbsize     # the restored one
                """,
                ShellWord.of(stage.config()),
                ChunkStore.key(RUINED, ASKED_FOR),
                good.at(),
                stage.source().uri(),
                stage.empty().uri());
        stage.keep();
    }

    private LiveEdits edits(Stage stage) {
        return LiveEdits.start(stage.source().uri(), documents, RUINED);
    }

    private void seen(Look look) {
        note("%,d chunks, fingerprint %s; nearest to the question, by comparing all:"
                .formatted(look.chunks(), look.shortFingerprint()));
        look.nearest().forEach(hit -> note("  " + hit));
    }

    private void typed(Stage stage, String... arguments) {
        shown(List.of(arguments), "");
        int code = command.run(Map.of("TIDEMARK_CONFIG", stage.config().toString()), arguments);
        if (code != ExitCode.DONE.number()) {
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "'tidemark %s' ended with exit code %d, and said why above; so ends the demo"
                            .formatted(arguments[0], code));
        }
    }

    private void shown(List<String> arguments, String after) {
        out.printf(
                "%n$ tidemark %s%s%n", arguments.stream().map(ShellWord::of).collect(Collectors.joining(" ")), after);
    }

    private void step(String text) {
        steps++;
        out.printf("%n== %d. %s.%n", steps, text);
    }

    private void ask(String question) {
        out.printf("%n   %s%n", question);
    }

    private void note(String text) {
        out.println("   " + text);
    }

    private static String since(long beganNanos) {
        return "%.1f s".formatted((System.nanoTime() - beganNanos) / 1e9);
    }
}
