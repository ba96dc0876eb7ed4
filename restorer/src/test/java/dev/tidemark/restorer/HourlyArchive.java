package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpFile;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.restorer.GeneratedSource.ShardHistory;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A source on S3 as a compactor leaves it: segments that end with the hour, and all hours but the last ones rolled up. */
final class HourlyArchive {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final GeneratedSource source;
    private final Archive archive;
    private final List<Segment> segments = new ArrayList<>();
    private final List<HourMarker> markers = new ArrayList<>();

    private HourlyArchive(GeneratedSource source, Archive archive) {
        this.source = source;
        this.archive = archive;
    }

    static HourlyArchive write(GeneratedSource source, Archive archive, int rowsASegment, int hoursNotRolled) {
        HourlyArchive written = new HourlyArchive(source, archive);
        for (int shard = 0; shard < source.histories().size(); shard++) {
            written.cut(shard, rowsASegment);
        }
        written.roll(hoursNotRolled);
        return written;
    }

    /** All that were written, those of the rolled hours among them. */
    List<Segment> segments() {
        return segments;
    }

    List<HourMarker> markers() {
        return markers;
    }

    List<RollUp> rollUps() {
        return markers.stream()
                .flatMap(marker -> marker.shards().stream())
                .filter(RollUp::hasFile)
                .toList();
    }

    List<Segment> segmentsOf(RollUp rollUp) {
        return segments.stream()
                .filter(segment ->
                        segment.shard() == rollUp.shard() && segment.hour().equals(rollUp.hour()))
                .toList();
    }

    private void cut(int shard, int rowsASegment) {
        ShardHistory history = source.histories().get(shard);
        int from = 0;
        while (from < history.rows.size()) {
            Hour hour = Hour.of(history.rows.get(from).timeMicros());
            int to = from;
            while (to < history.rows.size()
                    && to - from < rowsASegment
                    && Hour.of(history.rows.get(to).timeMicros()).equals(hour)) {
                to++;
            }
            segments.add(source.segment(archive, shard, from, to));
            from = to;
        }
        Optional<ClaimInterval> last = history.claims.stream().reduce((one, other) -> other);
        archive.writeProgress(new Progress(shard, 1, from, Optional.empty(), last));
    }

    private void roll(int hoursNotRolled) {
        TreeMap<Hour, List<Segment>> hours = new TreeMap<>();
        segments.forEach(segment ->
                hours.computeIfAbsent(segment.hour(), any -> new ArrayList<>()).add(segment));
        int left = hours.size() - hoursNotRolled;
        for (Map.Entry<Hour, List<Segment>> each : hours.entrySet()) {
            if (left-- <= 0) {
                return;
            }
            List<RollUp> rollUps = new ArrayList<>();
            for (int shard = 0; shard < source.histories().size(); shard++) {
                int number = shard;
                rollUps.add(roll(
                        each.getKey(),
                        shard,
                        each.getValue().stream()
                                .filter(segment -> segment.shard() == number)
                                .toList()));
            }
            HourMarker marker = new HourMarker(each.getKey(), 1, rollUps);
            archive.rolled().put(marker);
            markers.add(marker);
        }
    }

    private RollUp roll(Hour hour, int shard, List<Segment> parts) {
        Optional<RollUp> before = markers.stream().reduce((one, other) -> other).map(marker -> marker.shards()
                .get(shard));
        long from = before.map(RollUp::to).orElse(0L);
        RollUpKey key = new RollUpKey(hour, shard);
        if (parts.isEmpty()) {
            return new RollUp(key, 1, from, from, 0, 0, 0, 0, List.of(), 0, "", Segment.LAYOUT);
        }
        Segment last = parts.get(parts.size() - 1);
        List<ArchivedRow> rows = new ArrayList<>();
        List<ClaimInterval> claims = List.of();
        for (Segment part : parts) {
            try (SegmentRows<ArchivedRow> its = archive.rows(part)) {
                its.forEachRemaining(rows::add);
            }
            for (ClaimInterval claim : part.claims()) {
                claims = ClaimInterval.append(claims, claim);
            }
        }
        rows.sort(RollUpWriter.ORDER);
        RollUpWriter writer =
                new RollUpWriter(archive.source(), key, 1, from, last.to(), ChunkFields.standard(), DIRECTORY);
        rows.forEach(writer::add);
        try (RollUpFile file = writer.finish(last.epochAfter(), last.lastMicros(), claims)) {
            return archive.rolled().put(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
