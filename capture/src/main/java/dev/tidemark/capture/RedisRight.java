package dev.tidemark.capture;

import java.util.List;
import java.util.Objects;

/**
 * One command that the user of the captured Redis must be allowed to run.
 *
 * @param command as ACL rules name it: {@code client|tracking}
 * @param why what it is needed for
 * @param trial a harmless use of it, {@link #CANARY} standing for the key of a canary; empty where only a signal connection can
 *     try it
 */
record RedisRight(String command, Need need, String why, List<String> trial) {
    /** Stands for a key below the canaries' prefix, which nobody else uses. */
    static final String CANARY = "<canary>";

    RedisRight {
        Objects.requireNonNull(command, "command");
        Objects.requireNonNull(need, "need");
        Objects.requireNonNull(why, "why");
        trial = List.copyOf(trial);
    }

    /** What is lost without it. */
    enum Need {
        CAPTURE,
        /** Capture works; baselines cannot be streamed. */
        BASELINES
    }

    String rule() {
        return "+" + command;
    }
}
