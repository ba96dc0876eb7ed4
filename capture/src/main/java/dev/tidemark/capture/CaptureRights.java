package dev.tidemark.capture;

import dev.tidemark.schemas.settings.Settings;

/** What a capture with these settings must be allowed, for whoever hands out rights before there is one. */
public final class CaptureRights {
    private CaptureRights() {}

    /**
     * The line that makes the user of the captured Redis, with PASSWORD in place of one.
     *
     * @param version of Redis, 70200 for 7.2.0: it refuses a rule for a command that it does not have
     * @param search whether it has the search module
     */
    public static String redisUser(Settings settings, int version, boolean search, String user) {
        return new RedisRights(
                        new CapturedKeys(settings.source()),
                        version,
                        settings.redis().cluster(),
                        search)
                .setUser(user);
    }

    /** How large a record in the log can become. */
    public static long recordBytesMax(Settings settings) {
        return LogWriter.recordBytesMax(settings.capture());
    }
}
