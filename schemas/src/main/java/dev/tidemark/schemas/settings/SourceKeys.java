package dev.tidemark.schemas.settings;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which keys are a source's data: for whoever captures them, restores them, or looks whether they are there. */
public final class SourceKeys {
    /** Redis takes a name of 512 MB. One that the log cannot take would hold its shard up for ever, so it is no data at all. */
    public static final int NAME_BYTES_MAX = 64 << 10;

    private final List<Bytes> prefixes;
    /** Streams of the journal are no data, even below a captured prefix. */
    private final Set<Bytes> journal;

    public SourceKeys(SourceSettings source) {
        this.prefixes = source.prefixes().stream().map(Bytes::utf8).toList();
        this.journal = source.journal().streams().stream()
                .flatMap(stream -> Stream.of(Bytes.utf8(stream), Bytes.utf8(JournalSettings.asideOf(stream))))
                .collect(Collectors.toUnmodifiableSet());
    }

    public List<Bytes> prefixes() {
        return prefixes;
    }

    /** Whatever its database. */
    public boolean contain(Bytes key) {
        for (Bytes prefix : prefixes) {
            if (key.startsWith(prefix)) {
                return key.length() <= NAME_BYTES_MAX && !ReservedKeys.isReserved(key) && !journal.contains(key);
            }
        }
        return false;
    }
}
