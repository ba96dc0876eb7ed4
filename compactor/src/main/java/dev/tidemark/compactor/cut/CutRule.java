package dev.tidemark.compactor.cut;

import java.time.Duration;

/** When claimed rows are written to the archive: the first of them is old enough, or there are enough of them. */
public record CutRule(Duration age, long segmentBytesMax) {

    /**
     * Whether what is claimed beyond the chain's end is to be written now.
     *
     * @param waiting how long something beyond the chain's end has been claimed
     * @param records between the chain's end and the claimed offset
     * @param recordBytes their average size as far as is known, 0 if it is not
     */
    public boolean isDue(Duration waiting, long records, double recordBytes) {
        return waiting.compareTo(age) >= 0 || records * recordBytes >= segmentBytesMax;
    }
}
