package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which keys are captured, in the three dialects in which Redis has to be told. */
final class CapturedKeys {
    private final SourceKeys keys;
    private final List<Bytes> prefixes;
    private final List<Integer> databases;
    private final List<String> journalStreams;

    CapturedKeys(SourceSettings source) {
        this.journalStreams = source.journal().streams();
        this.keys = new SourceKeys(source);
        this.prefixes = keys.prefixes();
        this.databases = source.databases();
    }

    String newWatch() {
        return keys.newWatch();
    }

    /** Whether the same prefixes and databases were captured for this claim. */
    boolean areOf(Tidemark claim) {
        return claim.nodes().stream().allMatch(beat -> keys.areOf(beat.watch()));
    }

    List<Integer> databases() {
        return databases;
    }

    /** The streams that tell of them; none where Redis tells itself. */
    List<String> journalStreams() {
        return journalStreams;
    }

    /** Where the canary lives. */
    int canaryDatabase() {
        return databases.get(0);
    }

    boolean captures(Bytes key) {
        return keys.contain(key);
    }

    /** The captured prefixes, and the canary's if none of them covers it: prefixes may not overlap. */
    List<Bytes> trackedPrefixes() {
        Bytes canary = ReservedKeys.CANARY_PREFIX;
        if (prefixes.stream().anyMatch(canary::startsWith)) {
            return prefixes;
        }
        List<Bytes> tracked = new ArrayList<>(prefixes);
        tracked.add(canary);
        return tracked;
    }

    /** Patterns of the keyspace channels. */
    List<byte[]> channelPatterns() {
        List<byte[]> patterns = new ArrayList<>();
        for (int db : databases) {
            for (Bytes prefix : db == canaryDatabase() ? trackedPrefixes() : prefixes) {
                patterns.add(pattern("__keyspace@" + db + "__:", prefix));
            }
        }
        return patterns;
    }

    /** Patterns of the keys, for SCAN. */
    List<byte[]> keyPatterns() {
        return prefixes.stream().map(prefix -> pattern("", prefix)).toList();
    }

    /** The pattern that only this name matches. */
    static byte[] literal(String name) {
        return name.replaceAll("[*?\\[\\\\]", "\\\\$0").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] pattern(String head, Bytes prefix) {
        ByteArrayOutputStream pattern = new ByteArrayOutputStream();
        pattern.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        for (byte each : prefix.array()) {
            if ("*?[]^\\-".indexOf(each) >= 0) {
                pattern.write('\\');
            }
            pattern.write(each);
        }
        pattern.write('*');
        return pattern.toByteArray();
    }
}
