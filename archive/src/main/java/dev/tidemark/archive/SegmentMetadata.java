package dev.tidemark.archive;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What a segment says of itself, as the user metadata of its object, so that HEAD alone tells it, and once more in the
 * footer of the file.
 *
 * <p>S3 takes 2 KB of it. {@link Segment#CLAIMS_MAX} intervals of the longest numbers fit; a test holds that together.
 */
final class SegmentMetadata {
    private static final String LAYOUT = "layout";
    private static final String REFERENCES = "refs";
    private static final String END = "end";
    private static final String EPOCH_AFTER = "epoch-after";
    private static final String LAST_MICROS = "last-us";
    private static final String ROWS = "rows";
    private static final String CLAIMS = "claims";
    private static final String LEADER_EPOCH = "leader";
    private static final String FOOTER_PREFIX = "tidemark.";
    private static final int CLAIM_NUMBERS = 6;

    private SegmentMetadata() {}

    /** Without the checksum and size of the file, which a file cannot say of itself. */
    static Map<String, String> of(Segment segment) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(LAYOUT, Integer.toString(segment.layout()));
        metadata.put(END, Long.toString(segment.end()));
        metadata.put(EPOCH_AFTER, Long.toString(segment.epochAfter()));
        metadata.put(LAST_MICROS, Long.toString(segment.lastMicros()));
        metadata.put(ROWS, Long.toString(segment.rows()));
        if (segment.references() > 0) {
            metadata.put(REFERENCES, Long.toString(segment.references()));
        }
        segment.leaderEpoch().ifPresent(epoch -> metadata.put(LEADER_EPOCH, Integer.toString(epoch)));
        if (!segment.claims().isEmpty()) {
            metadata.put(CLAIMS, text(segment.claims()));
        }
        return metadata;
    }

    static Map<String, String> footer(Segment segment) {
        Map<String, String> footer = new LinkedHashMap<>();
        footer.put(FOOTER_PREFIX + "slot", segment.key().path());
        of(segment).forEach((name, value) -> footer.put(FOOTER_PREFIX + name, value));
        return footer;
    }

    /** @throws IllegalArgumentException when that is not the metadata of a segment of a version that we know */
    static Segment parse(SegmentKey key, ObjectHead head) {
        Map<String, String> metadata = head.metadata();
        long layout = number(metadata, LAYOUT);
        if (layout < 1 || layout > Segment.LAYOUT) {
            throw new IllegalArgumentException(
                    "its layout is " + layout + ", and this build reads layouts 1 to " + Segment.LAYOUT);
        }
        String sha256 = metadata.getOrDefault(ObjectStore.SHA256, "");
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("its metadata names no SHA-256");
        }
        return new Segment(
                key,
                number(metadata, END),
                number(metadata, EPOCH_AFTER),
                number(metadata, LAST_MICROS),
                number(metadata, ROWS),
                claims(metadata.getOrDefault(CLAIMS, "")),
                head.sizeBytes(),
                sha256,
                (int) layout,
                metadata.containsKey(REFERENCES) ? number(metadata, REFERENCES) : 0,
                metadata.containsKey(LEADER_EPOCH)
                        ? OptionalInt.of(Math.toIntExact(number(metadata, LEADER_EPOCH)))
                        : OptionalInt.empty());
    }

    static String text(List<ClaimInterval> claims) {
        return claims.stream().map(SegmentMetadata::text).collect(Collectors.joining(","));
    }

    static String text(ClaimInterval claim) {
        return String.format(
                Locale.ROOT,
                "%d:%d:%d:%d:%d:%d",
                claim.base().beginOffset(),
                claim.base().endOffset(),
                claim.base().endMicros(),
                claim.throughMicros(),
                claim.offset(),
                claim.exactnessMicros());
    }

    static List<ClaimInterval> claims(String text) {
        List<ClaimInterval> claims = new ArrayList<>();
        for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            claims.add(claim(each));
        }
        return claims;
    }

    private static ClaimInterval claim(String text) {
        String[] numbers = text.split(":", -1);
        if (numbers.length != CLAIM_NUMBERS) {
            throw new IllegalArgumentException("'" + text + "' is no claim");
        }
        return new ClaimInterval(
                new Base(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2])),
                Long.parseLong(numbers[3]),
                Long.parseLong(numbers[4]),
                Long.parseLong(numbers[5]));
    }

    private static long number(Map<String, String> metadata, String name) {
        String value = metadata.get(name);
        if (value == null) {
            throw new IllegalArgumentException("its metadata has no '" + name + "'");
        }
        return Long.parseLong(value);
    }
}
