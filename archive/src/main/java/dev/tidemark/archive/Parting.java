package dev.tidemark.archive;

/** What is given back on the way out. */
final class Parting {
    private Parting() {}

    /** By a thread that was interrupted too: the client to S3 asks nothing for such a one, and what it holds would stay. */
    static void evenIfInterrupted(Runnable parting) {
        boolean isInterrupted = Thread.interrupted();
        try {
            parting.run();
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
