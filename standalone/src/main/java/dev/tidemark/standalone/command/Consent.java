package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.Console;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The one question before something is destroyed. Where nobody sits at a terminal, nobody is asked. */
final class Consent {
    private final Optional<Console> console;

    Consent(Optional<Console> console) {
        this.console = console;
    }

    /**
     * Returns when there is nobody to ask, or whoever is there has said yes.
     *
     * @param statement what is about to be done
     */
    void require(String statement) {
        if (console.isEmpty()) {
            return;
        }
        if (!answer(console.get(), statement + "\nType yes to go on: ").strip().equals("yes")) {
            throw new TidemarkError(
                    ExitCode.TARGET_REFUSED,
                    "the answer was not yes, so nothing was done and nothing was touched. With --yes nobody is asked");
        }
    }

    /** By a thread of its own: who waits for a terminal cannot be interrupted, and Ctrl-C must not wait for that. */
    private static String answer(Console console, String question) {
        FutureTask<String> line = new FutureTask<>(() -> console.readLine("%s", question));
        Thread reader = new Thread(line, "tidemark-consent");
        reader.setDaemon(true);
        reader.start();
        try {
            return Optional.ofNullable(line.get()).orElse("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(
                    ExitCode.UNEXPECTED, "interrupted before there was an answer; nothing was touched", e);
        } catch (ExecutionException terminalGone) {
            return "";
        }
    }
}
