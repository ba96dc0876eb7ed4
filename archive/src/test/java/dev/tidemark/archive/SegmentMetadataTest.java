package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SegmentMetadataTest {
    private static final int S3_METADATA_BYTES_MAX = 2_048;
    private static final String SHA = "ab".repeat(32);

    @Property
    void headAloneGivesTheSegmentBack(@ForAll("segments") Segment segment) {
        assertThat(SegmentMetadata.parse(segment.key(), head(segment))).isEqualTo(segment);
    }

    @Property(tries = 50)
    void itIsTheSameInEveryLanguage(@ForAll("segments") Segment segment) {
        Locale here = Locale.getDefault();
        Map<String, String> metadata = SegmentMetadata.of(segment);
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));

            assertThat(SegmentMetadata.of(segment)).isEqualTo(metadata);
        } finally {
            Locale.setDefault(here);
        }
    }

    @Test
    void theMostThatASegmentMaySayFitsIntoAnObjectsMetadata() {
        ClaimInterval longest = new ClaimInterval(
                new Base(Long.MAX_VALUE - 2, Long.MAX_VALUE - 1, Long.MIN_VALUE),
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                Long.MIN_VALUE);
        Segment segment = new Segment(
                new SegmentKey(SegmentFiles.HOUR, 99_999, 999_999_999, Long.MAX_VALUE - 1),
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                Collections.nCopies(Segment.CLAIMS_MAX, longest),
                1,
                SHA,
                Segment.LAYOUT,
                Long.MAX_VALUE,
                OptionalInt.of(Integer.MAX_VALUE));

        int bytes = head(segment).metadata().entrySet().stream()
                .mapToInt(each ->
                        ("x-amz-meta-" + each.getKey() + each.getValue()).getBytes(StandardCharsets.US_ASCII).length)
                .sum();

        assertThat(bytes).isLessThanOrEqualTo(S3_METADATA_BYTES_MAX);
    }

    @Test
    void refusesMetadataItDoesNotKnowInFull() {
        Segment segment = new Segment(SegmentFiles.slot(5), 9, 1, 2, 3, List.of(), 4, SHA);

        assertRefused(segment, "layout", "4");
        assertRefused(segment, "layout", "0");
        assertRefused(segment, "sha256", "xyz");
        assertRefused(segment, "end", "");
        assertRefused(segment, "end", "5");
        assertRefused(segment, "claims", "1:2:3");
        assertRefused(segment, "claims", "1:2:3:4:100:5");
    }

    private static void assertRefused(Segment segment, String name, String value) {
        Map<String, String> changed = new HashMap<>(head(segment).metadata());
        changed.put(name, value);
        assertThatThrownBy(() -> SegmentMetadata.parse(segment.key(), new ObjectHead(changed, 4)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ObjectHead head(Segment segment) {
        Map<String, String> metadata = new HashMap<>(SegmentMetadata.of(segment));
        metadata.put(ObjectStore.SHA256, segment.sha256());
        metadata.put(ObjectStore.WRITER, new UUID(-1, -1).toString());
        return new ObjectHead(metadata, segment.sizeBytes());
    }

    @Provide
    Arbitrary<Segment> segments() {
        Arbitrary<Long> numbers = Arbitraries.longs().between(0, Long.MAX_VALUE / 2);
        Arbitrary<ClaimInterval> claims = Combinators.combine(numbers, numbers, Arbitraries.longs())
                .as((base, micros, exactness) ->
                        new ClaimInterval(new Base(base, base + 1, micros), micros, base + 2, exactness));
        return Combinators.combine(numbers, claims.list().ofMaxSize(Segment.CLAIMS_MAX), Arbitraries.longs())
                .as((frontier, found, epoch) -> new Segment(
                        SegmentFiles.slot(frontier),
                        Long.MAX_VALUE,
                        epoch,
                        frontier,
                        frontier,
                        found,
                        frontier,
                        SHA,
                        2,
                        frontier / 2,
                        epoch < 0 ? OptionalInt.empty() : OptionalInt.of((int) (epoch % Integer.MAX_VALUE))));
    }
}
