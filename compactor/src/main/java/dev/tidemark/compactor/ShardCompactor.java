package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Creation;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.compactor.cut.ChainEnd;
import dev.tidemark.compactor.cut.ChainWriter;
import dev.tidemark.compactor.cut.Cut;
import dev.tidemark.compactor.cut.CutRule;
import dev.tidemark.compactor.cut.Placed;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogPosition;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.CompactorSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard's way from Kafka to S3. It knows where it stands from S3 alone, so it may be made anew at any moment, here or
 * elsewhere, and it may have rivals. For one thread; {@link #step} does what is due and returns within bounds.
 */
final class ShardCompactor implements ControlReader.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShardCompactor.class);

    /** After so long a step is left at the next cut, so that Streams is not kept from polling. */
    private static final Duration STEP_MAX = Duration.ofSeconds(20);

    private final int shard;
    private final int generation;
    private final Archive archive;
    private final ShardLog log;
    private final Runnable requireSameLog;
    private final CutRule rule;
    private final ChunkFields fields;
    private final BooleanSupplier isStopping;
    private final LongSupplier nanoClock;
    private final CompactorMetrics metrics;
    private final UnexplainedGaps gaps;
    private final GivenUpSlots givenUp;
    private final ShardProgress progress;

    private Optional<ChainWriter> chain = Optional.empty();
    private ControlReader control = ControlReader.nowhere();
    private long controlEnd;
    private long controlAskedNanos;
    private OptionalLong waitingSinceNanos = OptionalLong.empty();
    private double recordBytes;
    private Optional<SegmentWriter> draft = Optional.empty();
    private Optional<SegmentUpload> underWay = Optional.empty();
    private OptionalLong lastClaimMicros = OptionalLong.empty();
    private long cutBeganNanos;
    private boolean mustOpen = true;

    /** The range is left before its end: what was cut stays, the rest is read again. */
    private static final class Interlude extends RuntimeException {
        private static final long serialVersionUID = 1;

        Interlude() {
            super(null, null, false, false);
        }
    }

    /** @param requireSameLog asked whenever something that was read is about to be written: fails if it was another log's */
    ShardCompactor(
            int shard,
            int generation,
            Archive archive,
            ShardLog log,
            Runnable requireSameLog,
            CompactorSettings settings,
            BooleanSupplier isStopping,
            LongSupplier nanoClock,
            CompactorMetrics metrics) {
        this.shard = shard;
        this.generation = generation;
        this.archive = archive;
        this.log = log;
        this.requireSameLog = requireSameLog;
        this.rule = new CutRule(settings.cutAge(), settings.segmentBytesMax());
        this.fields = settings.columns().fields();
        this.isStopping = isStopping;
        this.nanoClock = nanoClock;
        this.metrics = metrics;
        this.gaps = new UnexplainedGaps(shard, generation, nanoClock);
        this.givenUp = new GivenUpSlots(archive, nanoClock);
        this.progress = new ShardProgress(shard, generation, archive, this::requireSame, rule.age(), nanoClock);
    }

    /** There is a control record at this offset, and perhaps at later ones. */
    void wake(long controlOffset) {
        controlEnd = Math.max(controlEnd, controlOffset + 1);
    }

    long frontier() {
        return chain.map(it -> it.end().offset()).orElse(0L);
    }

    /** S3 alone can restore the shard through this time; 0 before that is known. */
    long archivedMicros() {
        return progress.archivedMicros();
    }

    /** Forgets where it stands: the next step finds out from S3 alone, as a restart would. */
    void reopen() {
        mustOpen = true;
    }

    void step() {
        if (mustOpen) {
            open();
        }
        hear();
        long stepBegan = nanoClock.getAsLong();
        while (isDue() && roll(stepBegan)) {
            LOG.debug("event=range-done source={} shard={} frontier={}", archive.source(), shard, frontier());
        }
        if (mustOpen) {
            // Where the chain ends is not known any more, so nothing is said of it.
            return;
        }
        progress.publish(chain.orElseThrow());
        explainGaps();
    }

    private void open() {
        Optional<Segment> last = archive.last(shard, generation, progress.read());
        ChainWriter found = last.map(segment -> ChainWriter.after(segment, rule.segmentBytesMax()))
                .orElseGet(() -> new ChainWriter(ChainEnd.beginning(shard, generation), rule.segmentBytesMax()));
        progress.note(found);
        requireUnbrokenLog(found.end().offset());
        control = ControlReader.from(found.end().epoch(), log.tidemarksStart(shard));
        lastClaimMicros = OptionalLong.empty();
        // What waited for us has waited long enough: a compactor that dies often must still get its cuts done.
        waitingSinceNanos = OptionalLong.of(nanoClock.getAsLong() - rule.age().toNanos());
        controlAskedNanos = waitingSinceNanos.getAsLong();
        chain = Optional.of(found);
        mustOpen = false;
        LOG.info(
                "event=shard-opened source={} shard={} frontier={} epoch={}",
                archive.source(),
                shard,
                found.end().offset(),
                found.end().epoch());
    }

    private void requireUnbrokenLog(long frontier) {
        long start = log.changesStart(shard);
        long end = log.changesEnd(shard);
        if (start > frontier || end < frontier) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "the archive of shard %d of source %s ends at offset %d, but Kafka holds [%d, %d) of its changes: %s. Nothing was written over the hole, and what lies on S3 stays restorable. %s"
                            .formatted(
                                    shard,
                                    archive.source(),
                                    frontier,
                                    start,
                                    end,
                                    start > frontier
                                            ? "records were deleted before they were archived"
                                            : "the log lost records or was created again",
                                    "Begin a new archive by another source.name, and give kafka.retention more time than the compactor may ever be away"));
        }
    }

    private static LogPosition position(ChainEnd end) {
        return new LogPosition(end.offset(), end.leaderEpoch());
    }

    /** Also where no row was read: a claim over what is archived may be one of a log that lost it. */
    private void requireSame() {
        requireSameLog.run();
        log.requireContinues(shard, position(chain.orElseThrow().end()));
    }

    /** Reads the control log up to where we were woken. */
    private void hear() {
        if (nanoClock.getAsLong() - controlAskedNanos >= rule.age().toNanos()) {
            // Streams may lose its place, and then the call that it owes us never comes: ask ourselves now and then.
            controlEnd = Math.max(controlEnd, log.tidemarksEnd(shard));
            controlAskedNanos = nanoClock.getAsLong();
        }
        control.readTo(controlEnd, log, shard, this);
    }

    @Override
    public void claimed(Tidemark tidemark) {
        chain.orElseThrow().claim(tidemark);
        lastClaimMicros = OptionalLong.of(tidemark.throughMicros());
    }

    @Override
    public void doubted(long offset, Doubt doubt) {
        gaps.add(offset, doubt, lastClaimMicros);
    }

    private boolean isDue() {
        OptionalLong target = chain.orElseThrow().target();
        if (target.isEmpty()) {
            waitingSinceNanos = OptionalLong.empty();
            return false;
        }
        if (waitingSinceNanos.isEmpty()) {
            waitingSinceNanos = OptionalLong.of(nanoClock.getAsLong());
        }
        Duration waiting = Duration.ofNanos(nanoClock.getAsLong() - waitingSinceNanos.getAsLong());
        return rule.isDue(waiting, target.getAsLong() - frontier(), recordBytes);
    }

    /** Writes what is claimed; false if this step should end. */
    private boolean roll(long stepBegan) {
        ChainWriter writer = chain.orElseThrow();
        long target = writer.target().orElseThrow();
        writer.begin(target);
        cutBeganNanos = nanoClock.getAsLong();
        try {
            log.readChanges(
                    shard,
                    position(writer.end()),
                    target,
                    (offset, leaderEpoch, record) -> take(offset, leaderEpoch, record, stepBegan));
            Optional<Cut> last = writer.finish();
            if (last.isEmpty()) {
                waitAnew();
                return false;
            }
            upload(last.get());
            return !isTimeUp(stepBegan);
        } catch (Interlude e) {
            return false;
        } finally {
            draft = Optional.empty();
            writer.abandon();
            leaveNothingUnderWay();
        }
    }

    /** A range that ended before its time may have left one behind; what became of it, S3 tells. */
    private void leaveNothingUnderWay() {
        if (underWay.isPresent()) {
            underWay.get().end();
            underWay = Optional.empty();
            reopen();
        }
    }

    private void take(long offset, OptionalInt leaderEpoch, LogRow record, long stepBegan) {
        if (isStopping.getAsBoolean()) {
            throw new Interlude();
        }
        Placed placed = chain.orElseThrow().offer(offset, leaderEpoch, record);
        if (placed.before().isPresent()) {
            send(placed.before().get());
            if (isTimeUp(stepBegan)) {
                settle();
                throw new Interlude();
            }
        }
        if (placed.row().isPresent()) {
            SegmentWriter open = draft.orElseGet(
                    () -> new SegmentWriter(archive.source(), placed.open().orElseThrow(), fields));
            draft = Optional.of(open);
            open.add(offset, placed.row().get());
        }
    }

    /** Completes the range's last segment. */
    private void upload(Cut cut) {
        settle();
        SegmentFile file = complete(cut);
        if (archive.put(file, metrics::answered) == Creation.EXISTS) {
            yieldTo(winnerOf(cut));
        }
        chain.orElseThrow().won(cut);
        written(cut, file, cutBeganNanos);
    }

    /** Puts a segment on its way, so that the next is filled meanwhile. There is one at a time: a chain grows in order. */
    private void send(Cut cut) {
        settle();
        SegmentFile file = complete(cut);
        underWay = Optional.of(SegmentUpload.begin(archive, cut, file, metrics::answered, cutBeganNanos));
        chain.orElseThrow().won(cut);
        cutBeganNanos = nanoClock.getAsLong();
    }

    /** Waits for the segment that is on its way. If it did not become the chain's, what was made of that is forgotten. */
    private void settle() {
        if (underWay.isEmpty()) {
            return;
        }
        SegmentUpload upload = underWay.get();
        if (upload.outcome() == Creation.EXISTS) {
            LOG.info(
                    "event=slot-lost source={} shard={} frontier={}",
                    archive.source(),
                    shard,
                    upload.cut().key().frontier());
            metrics.slotLost(shard);
            throw new Interlude();
        }
        underWay = Optional.empty();
        written(upload.cut(), upload.file(), upload.beganNanos());
    }

    private SegmentFile complete(Cut cut) {
        if (givenUp.has(cut.key())) {
            LOG.warn(
                    "event=slot-given-up source={} shard={} frontier={}",
                    archive.source(),
                    shard,
                    cut.key().frontier());
            reopen();
            throw new Interlude();
        }
        requireSameLog.run();
        SegmentWriter complete = draft.orElseGet(() -> new SegmentWriter(archive.source(), cut.key(), fields));
        draft = Optional.empty();
        return complete.finish(cut.end(), cut.epochAfter(), cut.lastMicros(), cut.claims(), cut.leaderEpoch());
    }

    private void written(Cut cut, SegmentFile file, long beganNanos) {
        progress.note(chain.orElseThrow());
        metrics.segmentWritten(
                shard, cut.rows(), file.segment().sizeBytes(), Duration.ofNanos(nanoClock.getAsLong() - beganNanos));
        recordBytes = (double) cut.sizeBytes() / (cut.end() - cut.key().frontier());
        LOG.info(
                "event=segment-written source={} shard={} frontier={} end={} rows={} bytes={} claims={}",
                archive.source(),
                shard,
                cut.key().frontier(),
                cut.end(),
                cut.rows(),
                file.segment().sizeBytes(),
                cut.claims().size());
    }

    private Segment winnerOf(Cut cut) {
        return archive.segment(cut.key())
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "the slot %s was taken and then was empty; it is tried again"
                                .formatted(cut.key().path())));
    }

    /** The winner may have cut elsewhere: only its own end is where the chain goes on. */
    private void yieldTo(Segment winner) {
        LOG.info(
                "event=slot-lost source={} shard={} frontier={} end={}",
                archive.source(),
                shard,
                winner.key().frontier(),
                winner.end());
        chain.orElseThrow().lost(winner);
        progress.note(chain.orElseThrow());
        metrics.slotLost(shard);
        // Whoever won is at work; to follow it at once would only make the files smaller.
        waitAnew();
        throw new Interlude();
    }

    private void waitAnew() {
        waitingSinceNanos = OptionalLong.of(nanoClock.getAsLong());
    }

    private boolean isTimeUp(long stepBegan) {
        return nanoClock.getAsLong() - stepBegan > STEP_MAX.toNanos();
    }

    private void explainGaps() {
        int written = gaps.writeTo(archive);
        if (written > 0) {
            metrics.gapExplained(shard, written);
            LOG.info("event=gaps-explained source={} shard={} gaps={}", archive.source(), shard, written);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
