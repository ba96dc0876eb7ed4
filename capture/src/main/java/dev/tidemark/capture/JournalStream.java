package dev.tidemark.capture;

import dev.tidemark.capture.proof.EntryId;
import dev.tidemark.capture.proof.JournalPosition;
import dev.tidemark.schemas.Bytes;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads one stream of the journal from where it is acknowledged on, one page at a time: the next page is asked for when the
 * loop has taken this one, so no backlog fills the memory. Belongs to the loop's thread; pages are taken apart on the network's.
 *
 * <p>Each page begins with the entry that was read last, the anchor. Streams are trimmed from their oldest end, so while the
 * anchor is there nothing behind it can have been trimmed unread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A reply is handled where it arrives.
final class JournalStream {
    private static final Duration REST = Duration.ofMillis(20);

    /**
     * What was asked for and came.
     *
     * @param isLast whether nothing was behind it
     * @param proves whether it was asked for after {@link #prove}
     */
    private record Page(List<StreamMessage<byte[], byte[]>> entries, boolean isLast, boolean proves) {
        private boolean isEmpty() {
            return entries.isEmpty();
        }

        private StreamMessage<byte[], byte[]> first() {
            return entries.get(0);
        }

        private EntryId last() {
            return EntryId.parse(entries.get(entries.size() - 1).getId());
        }

        private long bytes() {
            return entries.stream()
                    .flatMap(entry -> entry.getBody().entrySet().stream())
                    .mapToLong(field -> (long) field.getKey().length + field.getValue().length)
                    .sum();
        }
    }

    /** Hears of entries on a network thread, of the rest on the loop's. */
    interface Listener {
        void touched(int db, List<Bytes> keys, String event);

        /** An entry names no key that can be looked at; where it could not be kept beside the stream, why. */
        void setAside(String reason, String notKept);

        /** Something came, and more may. */
        void read();

        /** Everything that was in the stream when this was asked for has been handed over. */
        void drained();

        /** Entries are gone that nobody has read. */
        void bypassed(String how);

        void unreadable(String why);
    }

    private final RedisAsyncCommands<byte[], byte[]> redis;
    private final byte[] name;
    private final int db;
    private final OptionalInt slot;
    private final JournalPosition acknowledged;
    private final JournalAside aside;
    private final Mailbox mailbox;
    private final Listener listener;
    private final JournalGroup group;
    private volatile EntryId position;
    private volatile boolean anchored;
    /** While there is no anchor: what is read first has to be what was added first. */
    private final boolean fromTheFirst;

    private final JournalPageSize size = new JournalPageSize();
    private boolean reading;
    private boolean proving;
    private long proofs;
    private Optional<EntryId> end = Optional.empty();
    private long dueNanos = System.nanoTime();

    /**
     * A reader that has read nothing yet.
     *
     * @param group whose acknowledgements it begins at
     * @param begin how far they reach
     * @param slot that all its keys lie in, where a Cluster keeps slots apart
     */
    JournalStream(
            RedisAsyncCommands<byte[], byte[]> redis,
            String name,
            JournalGroup group,
            JournalGroup.Begin begin,
            int db,
            OptionalInt slot,
            JournalPosition acknowledged,
            Mailbox mailbox,
            Listener listener) {
        this.redis = redis;
        this.name = name.getBytes(StandardCharsets.UTF_8);
        this.group = group;
        this.position = begin.acknowledged();
        this.anchored = begin.anchored();
        this.fromTheFirst = begin.isFromTheFirst();
        this.db = db;
        this.slot = slot;
        this.acknowledged = acknowledged;
        this.aside = new JournalAside(redis, name);
        this.mailbox = mailbox;
        this.listener = listener;
    }

    void tick(long nowNanos) {
        if (!reading && nowNanos >= dueNanos) {
            read();
        }
    }

    JournalPosition acknowledged() {
        return acknowledged;
    }

    /** A barrier is about to be begun. */
    void begun(long barrier) {
        acknowledged.begun(barrier, position);
    }

    /** Reads up to what is the end now; a page that was asked for before does not count. */
    void prove() {
        proving = true;
        long proof = ++proofs;
        // Until it is known, the last page alone ends the proof.
        end = Optional.empty();
        dueNanos = System.nanoTime();
        // Where more is written all the time, the end moves on, and no page is the last.
        AskedAgain.whileBusy(() -> redis.xrevrange(name, Range.unbounded(), Limit.from(1)))
                .whenComplete((newest, failure) -> mailbox.post(() -> {
                    if (failure != null) {
                        listener.unreadable(String.valueOf(failure.getMessage()));
                    } else if (proof == proofs) {
                        end = Optional.of(
                                newest.isEmpty()
                                        ? EntryId.NONE
                                        : EntryId.parse(newest.get(0).getId()));
                    }
                }));
        tick(dueNanos);
    }

    private void read() {
        reading = true;
        boolean proves = proving;
        int asked = size.entries();
        Range<String> fromHere = Range.from(Boundary.including(position.toString()), Boundary.unbounded());
        AskedAgain.whileBusy(() -> redis.xrange(name, fromHere, Limit.from(asked)))
                .whenComplete((entries, failure) -> {
                    if (failure != null) {
                        mailbox.post(() -> listener.unreadable(String.valueOf(failure.getMessage())));
                        return;
                    }
                    handOver(entries);
                    // Behind the touches, through the same queue.
                    mailbox.post(() -> taken(new Page(entries, entries.size() < asked, proves)));
                });
    }

    /** The position does not move while a page is under way. */
    private boolean isAnchor(StreamMessage<byte[], byte[]> entry) {
        return anchored && entry.getId().equals(position.toString());
    }

    private void handOver(List<StreamMessage<byte[], byte[]>> entries) {
        // What is alike goes together: a letter an entry would be felt.
        List<Bytes> keys = new ArrayList<>();
        JournalEntry.Touches alike = null;
        for (StreamMessage<byte[], byte[]> message : entries) {
            if (isAnchor(message)) {
                continue;
            }
            JournalEntry entry = JournalEntry.of(message.getBody(), db, slot);
            if (entry instanceof JournalEntry.Touches touches) {
                if (alike != null && !touches.isLike(alike)) {
                    listener.touched(alike.db(), List.copyOf(keys), alike.event());
                    keys.clear();
                }
                alike = touches;
                keys.addAll(touches.keys());
            } else if (entry instanceof JournalEntry.Poison poison) {
                aside.put(
                        message.getId(),
                        message.getBody(),
                        poison.reason(),
                        notKept -> listener.setAside(poison.reason(), notKept));
            }
        }
        if (alike != null) {
            listener.touched(alike.db(), keys, alike.event());
        }
    }

    private void taken(Page page) {
        if (!anchored && fromTheFirst && !page.isEmpty()) {
            AskedAgain.whileBusy(group::whole)
                    .whenComplete((whole, failure) -> mailbox.post(() -> {
                        if (failure != null) {
                            listener.unreadable(String.valueOf(failure.getMessage()));
                        } else if (whole) {
                            follow(page);
                        } else {
                            followIfAcknowledged(page);
                        }
                    }));
        } else if (!anchored || (!page.isEmpty() && isAnchor(page.first()))) {
            follow(page);
        } else if (page.isEmpty()) {
            listener.bypassed("the journal lost the entry that was read last: its stream was trimmed or deleted");
        } else {
            followIfAcknowledged(page);
        }
    }

    /** Entries that another capture has acknowledged are trimmed, and nobody needs them; its own word for it stays. */
    private void followIfAcknowledged(Page page) {
        EntryId oldest = EntryId.parse(page.first().getId());
        AskedAgain.whileBusy(group::acknowledged)
                .whenComplete((through, failure) -> mailbox.post(() -> {
                    if (failure != null) {
                        listener.unreadable(String.valueOf(failure.getMessage()));
                    } else if (oldest.compareTo(through) <= 0) {
                        follow(page);
                    } else {
                        listener.bypassed("the journal was trimmed by somebody else, beyond what is acknowledged");
                    }
                }));
    }

    private void follow(Page page) {
        reading = false;
        if (!page.isEmpty()) {
            size.brought(page.entries().size(), page.bytes());
            EntryId last = page.last();
            if (!last.equals(position)) {
                listener.read();
            }
            position = last;
            anchored = true;
        }
        if (page.proves() && (page.isLast() || isAtTheEnd())) {
            proving = false;
            listener.drained();
        }
        long now = System.nanoTime();
        dueNanos = now + (page.isLast() && !proving ? REST.toNanos() : 0);
        tick(now);
    }

    private boolean isAtTheEnd() {
        return end.filter(last -> position.compareTo(last) >= 0).isPresent();
    }
}
