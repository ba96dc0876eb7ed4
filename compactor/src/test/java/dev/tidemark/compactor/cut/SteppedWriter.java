package dev.tidemark.compactor.cut;

import dev.tidemark.compactor.cut.GeneratedLog.Row;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.Tidemark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/** One compactor's work on a shard, one request at a time, so that a schedule may stop it between any two. */
final class SteppedWriter {
    private final GeneratedLog log;
    private final SlotMap slots;
    private final long bytesMax;
    private Optional<ChainWriter> writer = Optional.empty();
    private ClaimsInForce claims = new ClaimsInForce();
    private int controlPosition;
    private boolean isReading;
    private long readPosition;
    private long target;
    private final List<Row> draft = new ArrayList<>();
    private Optional<Cut> toPut = Optional.empty();
    private Optional<Row> afterPut = Optional.empty();
    private boolean rangeIsDone;

    SteppedWriter(GeneratedLog log, SlotMap slots, long bytesMax) {
        this.log = log;
        this.slots = slots;
        this.bytesMax = bytesMax;
    }

    ChainWriter chain() {
        return writer.orElseThrow();
    }

    /** kill -9: whatever is not in a slot is gone. */
    void crash() {
        writer = Optional.empty();
        isReading = false;
        toPut = Optional.empty();
        afterPut = Optional.empty();
        draft.clear();
    }

    /** False once it has heard everything and only a range without any row that counts is left, which no one can cut. */
    boolean hasWorkThatLeadsOn() {
        return writer.isEmpty()
                || controlPosition < log.tidemarks.size()
                || isReading
                || toPut.isPresent()
                || (chain().target().isPresent()
                        && !cannotBeCut(chain().target().getAsLong()));
    }

    private boolean cannotBeCut(long claimed) {
        long end = chain().end().offset();
        return log.rowsThatCountBelow(claimed).size()
                == log.rowsThatCountBelow(end).size();
    }

    /** Does the next thing; false if there is nothing to do. */
    boolean step(Random random) {
        if (writer.isEmpty()) {
            open();
            return true;
        }
        if (toPut.isPresent()) {
            put(toPut.get());
            return true;
        }
        if (isReading) {
            readOn();
            return true;
        }
        boolean heard = hear(random);
        OptionalLong claimed = chain().target();
        if (claimed.isPresent() && (!heard || random.nextBoolean())) {
            chain().begin(claimed.getAsLong());
            target = claimed.getAsLong();
            readPosition = chain().end().offset();
            draft.clear();
            rangeIsDone = false;
            isReading = true;
            return true;
        }
        return heard;
    }

    private void open() {
        Optional<Segment> last = slots.last();
        writer = Optional.of(last.map(segment -> ChainWriter.after(segment, bytesMax))
                .orElseGet(() -> new ChainWriter(ChainEnd.beginning(3, GeneratedLog.GENERATION), bytesMax)));
        claims = new ClaimsInForce();
        controlPosition = (int) Math.max(0, chain().end().epoch());
    }

    private boolean hear(Random random) {
        int until = Math.min(log.tidemarks.size(), controlPosition + random.nextInt(6) + 1);
        boolean heard = controlPosition < until;
        for (; controlPosition < until; controlPosition++) {
            ControlRecord record = log.tidemarks.get(controlPosition);
            if (claims.counts(controlPosition, record) && record instanceof Tidemark tidemark) {
                chain().claim(tidemark);
            }
        }
        return heard;
    }

    private void readOn() {
        if (readPosition == target) {
            rangeIsDone = true;
            isReading = false;
            toPut = chain().finish();
            return;
        }
        long offset = readPosition++;
        Placed placed = chain().offer(offset, OptionalInt.empty(), log.changes.get((int) offset));
        Optional<Row> row = placed.row().map(it -> new Row(offset, it));
        if (placed.before().isPresent()) {
            toPut = placed.before();
            afterPut = row;
            return;
        }
        row.ifPresent(draft::add);
    }

    private void put(Cut cut) {
        Optional<Segment> winner = slots.putIfAbsent(cut, draft);
        toPut = Optional.empty();
        draft.clear();
        if (winner.isPresent()) {
            chain().lost(winner.get());
            isReading = false;
        } else {
            chain().won(cut);
            if (!rangeIsDone) {
                afterPut.ifPresent(draft::add);
            }
        }
        afterPut = Optional.empty();
    }
}
