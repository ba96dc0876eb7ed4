package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.RedisRefused;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Turns what went wrong between us and the target into words; never with a key in them. */
final class RedisReplies {
    private RedisReplies() {}

    /** @param consequence what the target holds now and what to do next */
    static TidemarkError failed(String address, Throwable failure, String consequence) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TidemarkError foreseen) {
            return new TidemarkError(foreseen.code(), sentence(foreseen.getMessage()) + " " + consequence, foreseen);
        }
        if (cause instanceof RedisCommandExecutionException || cause instanceof RedisRefused) {
            String text = String.valueOf(cause.getMessage());
            return new TidemarkError(
                    ExitCode.TARGET_REFUSED,
                    "%s refused a command: %s %s%s".formatted(address, sentence(answer(text)), hint(text), consequence),
                    cause);
        }
        Throwable root = root(cause);
        if (root instanceof InterruptedException) {
            return new TidemarkError(
                    ExitCode.UNEXPECTED, "interrupted while %s was asked. %s".formatted(address, consequence), cause);
        }
        String reason = reason(root);
        return new TidemarkError(
                ExitCode.UNREACHABLE,
                "the connection to %s failed: %s. %s%s".formatted(address, reason, hint(reason), consequence),
                cause);
    }

    /** An error reply begins with a word of its own; what follows may quote an argument, so of some only that is told. */
    private static String answer(String text) {
        String code = text.split(" ", 2)[0];
        return code.equals("ERR") && text.contains("unknown command") ? "unknown command" : text;
    }

    private static String hint(String text) {
        if (text.startsWith("OOM")) {
            return "It is full: its maxmemory is too small for what is restored. ";
        }
        if (text.contains("Bad data format") || text.contains("DUMP payload version")) {
            return "It is probably older than the server that was captured: restore into the same version or a later one. ";
        }
        if (text.startsWith("NOPERM")) {
            return "Its user needs the rights to read and write every key, to run INFO, SCAN and RESTORE, and FLUSHALL for --replace. ";
        }
        if (text.startsWith("NOAUTH") || text.startsWith("WRONGPASS")) {
            return "It wants the right password, in the file that --target-password-file names. ";
        }
        if (text.contains("valid certification path")) {
            return "Its certificate is of an authority that is not trusted: name that one's certificate, as a PEM file, with --target-ca-file, or of the source that a drill searches with redis.ca-file. ";
        }
        if (text.contains("Connection refused")) {
            return "Does a Redis listen there? ";
        }
        if (text.contains("NXDOMAIN")) {
            return "Is the name right? ";
        }
        if (text.contains("timed out")) {
            return "Is it stopped, or cut off? ";
        }
        if (text.startsWith("BUSYKEY")) {
            return "Somebody else is writing to it. ";
        }
        if (text.startsWith("MOVED") || text.startsWith("ASK ") || text.startsWith("TRYAGAIN")) {
            return "A slot of the Cluster was on its way to another node: try again when none is moved. ";
        }
        return "";
    }

    /** With what ends one, which some of these words bring along. */
    static String sentence(String words) {
        String text = words.strip();
        return text.endsWith(".") || text.endsWith("?") ? text : text + ".";
    }

    private static Throwable root(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    private static String reason(Throwable root) {
        // Of a sentence, as some are, the stop comes with what follows.
        return root.getMessage() == null
                ? root.getClass().getSimpleName()
                : root.getMessage().strip().replaceAll("\\.$", "");
    }
}
