package dev.tidemark.capture;

/**
 * How a server answered a command of which only that is of interest.
 *
 * @param error as the server wrote it; empty when it obeyed
 */
record RedisAnswer(String error) {
    static final RedisAnswer OBEYED = new RedisAnswer("");

    boolean isObeyed() {
        return error.isEmpty();
    }

    /** No right to the command itself. Servers judge it before its keys and channels. */
    boolean deniesCommand() {
        return isDenial() && error.contains("run the '");
    }

    boolean deniesKey() {
        return isDenial() && error.contains(" key");
    }

    boolean deniesChannel() {
        return isDenial() && error.contains("channel");
    }

    /** No such command here: an older server, or one whose provider took it away. */
    boolean isUnknown() {
        return error.contains("unknown command") || error.contains("unknown subcommand");
    }

    /** The key belongs to another node. */
    boolean isRedirection() {
        return error.startsWith("MOVED ") || error.startsWith("ASK ");
    }

    /** The key holds another type than the command is for. */
    boolean isOfOtherType() {
        return error.startsWith("WRONGTYPE");
    }

    boolean wantsAuthentication() {
        return error.startsWith("NOAUTH") || error.startsWith("WRONGPASS");
    }

    boolean isDenial() {
        // The refusal of an EXEC stands inside another: EXECABORT ... because of: NOPERM ...
        return error.contains("NOPERM");
    }
}
