package dev.tidemark.restorer;

/** Hears how a restore gets on. Called often, by the thread that restores; it must be quick. */
@FunctionalInterface
public interface RestoreListener {
    void progress(RestoreProgress progress);

    static RestoreListener silent() {
        return progress -> {};
    }
}
