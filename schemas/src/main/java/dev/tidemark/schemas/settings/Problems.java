package dev.tidemark.schemas.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The problems found so far; a rule that is broken adds a sentence that begins with the key's full name. */
final class Problems {
    private final List<String> found = new ArrayList<>();

    void unless(boolean holds, String problem) {
        if (!holds) {
            found.add(problem);
        }
    }

    void unlessWithin(String key, long value, long least, long most) {
        unless(value >= least && value <= most, key + " is " + value + "; it may be " + least + " to " + most);
    }

    /** In bytes as in messages: a size is written with its unit, so the bounds are too. */
    void unlessSizeWithin(String key, long bytes, long leastMiB, long mostMiB) {
        unless(
                bytes >= leastMiB << 20 && bytes <= mostMiB << 20,
                key + " is " + bytes + " bytes; it may be " + leastMiB + "MiB to " + mostMiB + "MiB");
    }

    void unlessWithin(String key, Duration value, Duration least, Duration most) {
        unless(
                value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
                key + " is " + spoken(value) + "; it may be " + spoken(least) + " to " + spoken(most));
    }

    List<String> found() {
        return List.copyOf(found);
    }

    private static String spoken(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds != 0 && seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds != 0 && seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        if (seconds != 0 && seconds % 60 == 0) {
            return seconds / 60 + "m";
        }
        return seconds + "s";
    }
}
