package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Both topics of one shard as several owners leave them, fenced ones still writing among them, and what a plain reading
 * of the rules says of it: a second opinion, as naive as possible.
 */
public final class GeneratedLog {
    private static final long HOUR_MICROS = 3_600_000_000L;
    static final int GENERATION = 1;

    public final List<LogRow> changes = new ArrayList<>();
    public final List<ControlRecord> tidemarks = new ArrayList<>();
    private final Random random;
    private final boolean lawful;
    private final int stepsPerHourJump;
    private final List<Long> epochs = new ArrayList<>();
    private long micros = 400_000 * HOUR_MICROS + 17;
    private Base base = new Base(0, 1, micros);

    /**
     * @param lawful whether claims end where capture lets them end, or anywhere
     * @param stepsPerHourJump how often, on average, time leaps ahead
     */
    public GeneratedLog(Random random, int steps, boolean lawful, int stepsPerHourJump) {
        this.random = random;
        this.lawful = lawful;
        this.stepsPerHourJump = stepsPerHourJump;
        claimEpoch();
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    /** What an owner says of a shard in which nothing happens. */
    public void idle() {
        micros += 1_000_000;
        tidemark(newest());
    }

    public void passHour() {
        micros += HOUR_MICROS;
    }

    /** One change, of which nothing is claimed yet. */
    public void write() {
        changes.add(change(newest()));
    }

    public void step() {
        micros += random.nextInt(stepsPerHourJump) == 0 ? random.nextLong(2 * HOUR_MICROS) : random.nextInt(1_000_000);
        switch (random.nextInt(20)) {
            case 0 -> claimEpoch();
            case 1 -> resync();
            case 2, 3, 4, 5, 6 -> tidemark(newest());
            case 7 -> tidemark(anyEpoch());
            case 8, 9 -> changes.add(change(anyEpoch()));
            case 10 -> tidemarks.add(new Doubt(newest(), micros, "coverage lost", "n"));
            case 11 -> changes.add(new EpochClaimed(anyEpoch() - 1, micros));
            default -> changes.add(change(newest()));
        }
    }

    private long newest() {
        return epochs.get(epochs.size() - 1);
    }

    private long anyEpoch() {
        return epochs.get(random.nextInt(epochs.size()));
    }

    private void claimEpoch() {
        epochs.add((long) tidemarks.size());
        tidemarks.add(new Claim("owner " + epochs.size()));
        // Its clock may be behind that of the owner before.
        changes.add(new EpochClaimed(newest(), micros - random.nextInt(3_000_000)));
    }

    private void resync() {
        changes.add(new ResyncBegun(newest(), micros, "doubt"));
        changes.add(change(newest()));
        changes.add(new ResyncEnded(newest(), micros, changes.size() - 2));
        base = new Base(changes.size() - 3, changes.size() - 1, micros);
        tidemark(newest());
    }

    private LogRow change(long epoch) {
        Bytes content = Bytes.wrap(new byte[random.nextInt(200)]);
        if (random.nextInt(20) == 0) {
            return new Definitions(epoch, micros, Definitions.FUNCTIONS, Bytes.utf8("digest"), content);
        }
        Value value = random.nextInt(10) == 0 ? blob() : new Value.Text(content);
        return new Change(epoch, micros, micros, 0, Bytes.utf8("k"), value, OptionalLong.empty(), "");
    }

    private Value blob() {
        return new Value.Blob(
                "string", Value.Encoding.RAW, Bytes.wrap(new byte[32]), 512L << 20, LocalDate.of(2026, 11, 20));
    }

    private void tidemark(long epoch) {
        long offset = lawful ? afterLastOf(epoch) : 2L + random.nextInt(Math.max(1, changes.size() - 1));
        if (offset > base.endOffset() && offset <= changes.size()) {
            tidemarks.add(new Tidemark(GENERATION, epoch, base, micros, offset, random.nextInt(1_000), List.of()));
        }
    }

    private long afterLastOf(long epoch) {
        for (int i = changes.size() - 1; i >= 0; i--) {
            if (changes.get(i).epoch() == epoch) {
                return i + 1L;
            }
        }
        return 0;
    }

    /** A row counts if its owner is the newest to have claimed so far. */
    public boolean rowCounts(long offset) {
        long highest = -1;
        for (int i = 0; i < offset; i++) {
            if (changes.get(i) instanceof EpochClaimed claimed) {
                highest = Math.max(highest, claimed.epoch());
            }
        }
        LogRow row = changes.get((int) offset);
        return row instanceof EpochClaimed ? row.epoch() > highest : row.epoch() == highest;
    }

    /** The rows below an offset that count, with times that never go back. */
    public List<Row> rowsThatCountBelow(long end) {
        List<Row> rows = new ArrayList<>();
        long latest = 0;
        for (int i = 0; i < end; i++) {
            if (rowCounts(i)) {
                latest = Math.max(latest, changes.get(i).timeMicros());
                rows.add(new Row(i, AtTime.of(changes.get(i), latest)));
            }
        }
        return rows;
    }

    /** Tidemarks by the owner of the last claim before them. */
    public List<ClaimInterval> claimsThatCount() {
        List<ClaimInterval> counted = new ArrayList<>();
        long epoch = -1;
        for (int i = 0; i < tidemarks.size(); i++) {
            if (tidemarks.get(i) instanceof Claim) {
                epoch = i;
            } else if (tidemarks.get(i) instanceof Tidemark it && it.epoch() == epoch) {
                counted.add(ClaimInterval.of(it));
            }
        }
        return counted;
    }

    /** Those of them that go beyond all before, as lawful ones do. */
    public List<ClaimInterval> claimsThatGoOn() {
        List<ClaimInterval> forward = new ArrayList<>();
        for (ClaimInterval claim : claimsThatCount()) {
            ClaimInterval last = forward.isEmpty() ? claim : forward.get(forward.size() - 1);
            if (forward.isEmpty()
                    || (claim.offset() >= last.offset() && claim.throughMicros() > last.throughMicros())) {
                forward.add(claim);
            }
        }
        return forward;
    }

    public record Row(long offset, LogRow row) {}
}
