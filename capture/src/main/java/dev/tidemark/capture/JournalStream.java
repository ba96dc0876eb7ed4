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
    private static final int PAGE_ENTRIES = 1_000;
    private static final Duration REST = Duration.ofMillis(20);

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

    private boolean reading;
    private boolean proving;
    private EntryId end = EntryId.NONE;
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
        dueNanos = System.nanoTime();
        // Ahead of the pages that count, on the same connection. Where more is written all the time, the end moves on.
        redis.xrevrange(name, Range.unbounded(), Limit.from(1)).whenComplete((newest, failure) -> {
            if (failure == null) {
                EntryId last = newest.isEmpty()
                        ? EntryId.NONE
                        : EntryId.parse(newest.get(0).getId());
                mailbox.post(() -> end = last);
            } else {
                mailbox.post(() -> listener.unreadable(String.valueOf(failure.getMessage())));
            }
        });
        tick(dueNanos);
    }

    private void read() {
        reading = true;
        boolean proves = proving;
        Range<String> fromHere = Range.from(Boundary.including(position.toString()), Boundary.unbounded());
        redis.xrange(name, fromHere, Limit.from(PAGE_ENTRIES)).whenComplete((page, failure) -> {
            if (failure != null) {
                mailbox.post(() -> listener.unreadable(String.valueOf(failure.getMessage())));
                return;
            }
            handOver(page);
            // Behind the touches, through the same queue.
            mailbox.post(() -> taken(page, proves));
        });
    }

    /** The position does not move while a page is under way. */
    private boolean isAnchor(StreamMessage<byte[], byte[]> entry) {
        return anchored && entry.getId().equals(position.toString());
    }

    private void handOver(List<StreamMessage<byte[], byte[]>> page) {
        // What is alike goes together: a letter an entry would be felt.
        List<Bytes> keys = new ArrayList<>();
        JournalEntry.Touches alike = null;
        for (StreamMessage<byte[], byte[]> message : page) {
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

    private void taken(List<StreamMessage<byte[], byte[]>> page, boolean proves) {
        if (!anchored && fromTheFirst && !page.isEmpty()) {
            group.whole()
                    .whenComplete((whole, failure) -> mailbox.post(() -> {
                        if (failure != null) {
                            listener.unreadable(String.valueOf(failure.getMessage()));
                        } else if (whole) {
                            follow(page, proves);
                        } else {
                            followIfAcknowledged(page, proves);
                        }
                    }));
        } else if (!anchored || (!page.isEmpty() && isAnchor(page.get(0)))) {
            follow(page, proves);
        } else if (page.isEmpty()) {
            listener.bypassed("the journal lost the entry that was read last: its stream was trimmed or deleted");
        } else {
            followIfAcknowledged(page, proves);
        }
    }

    /** Entries that another capture has acknowledged are trimmed, and nobody needs them; its own word for it stays. */
    private void followIfAcknowledged(List<StreamMessage<byte[], byte[]>> page, boolean proves) {
        EntryId oldest = EntryId.parse(page.get(0).getId());
        group.acknowledged()
                .whenComplete((through, failure) -> mailbox.post(() -> {
                    if (failure != null) {
                        listener.unreadable(String.valueOf(failure.getMessage()));
                    } else if (oldest.compareTo(through) <= 0) {
                        follow(page, proves);
                    } else {
                        listener.bypassed("the journal was trimmed by somebody else, beyond what is acknowledged");
                    }
                }));
    }

    private void follow(List<StreamMessage<byte[], byte[]>> page, boolean proves) {
        reading = false;
        boolean atEnd = page.size() < PAGE_ENTRIES;
        if (!page.isEmpty()) {
            EntryId last = EntryId.parse(page.get(page.size() - 1).getId());
            if (!last.equals(position)) {
                listener.read();
            }
            position = last;
            anchored = true;
        }
        if (proves && (atEnd || position.compareTo(end) >= 0)) {
            proving = false;
            listener.drained();
        }
        long now = System.nanoTime();
        dueNanos = now + (atEnd && !proving ? REST.toNanos() : 0);
        tick(now);
    }
}
