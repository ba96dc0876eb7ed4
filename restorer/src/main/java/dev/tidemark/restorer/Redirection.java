package dev.tidemark.restorer;

import java.util.Optional;

/**
 * A node of a Cluster that says who has the key.
 *
 * @param isForNow the slot is on its way: ask there this once; else it has moved
 * @param host empty for the host of the node that says so
 */
record Redirection(boolean isForNow, int slot, String host, int port) {
    /** Whether two keys of one slot are on two nodes, for the moment that it takes to move them. */
    static boolean isTornApart(Throwable failure) {
        return failure != null && String.valueOf(failure.getMessage()).startsWith("TRYAGAIN");
    }

    /** Of an error reply; empty for any other. */
    static Optional<Redirection> of(Throwable failure) {
        if (failure == null) {
            return Optional.empty();
        }
        String[] words = String.valueOf(failure.getMessage()).split(" ", -1);
        if (words.length < 3 || !(words[0].equals("MOVED") || words[0].equals("ASK"))) {
            return Optional.empty();
        }
        int colon = words[2].lastIndexOf(':');
        try {
            return Optional.of(new Redirection(
                    words[0].equals("ASK"),
                    Integer.parseInt(words[1]),
                    words[2].substring(0, Math.max(0, colon)),
                    Integer.parseInt(words[2].substring(colon + 1))));
        } catch (NumberFormatException noAddress) {
            return Optional.empty();
        }
    }
}
