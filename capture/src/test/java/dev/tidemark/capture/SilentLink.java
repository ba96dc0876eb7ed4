package dev.tidemark.capture;

/** Connections of a watch on which nothing happens by itself. */
final class SilentLink implements SignalLink {
    private final String runId;
    boolean open = true;
    /** How often notifications were mended. */
    int mended;

    int beats;

    SilentLink(String runId) {
        this.runId = runId;
    }

    @Override
    public boolean alive() {
        return open;
    }

    @Override
    public void listenAgain() {
        mended++;
    }

    @Override
    public void beat(long n) {
        beats++;
    }

    @Override
    public String runId() {
        return runId;
    }

    @Override
    public int version() {
        return 70_000;
    }

    @Override
    public void pingAll() {}

    @Override
    public void retire() {}

    @Override
    public void close() {}
}
