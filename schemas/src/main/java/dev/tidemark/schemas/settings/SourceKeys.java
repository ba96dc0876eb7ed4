package dev.tidemark.schemas.settings;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which keys are a source's data: for whoever captures them, restores them, or looks whether they are there. */
public final class SourceKeys {
    /** Redis takes a name of 512 MB. One that the log cannot take would hold its shard up for ever, so it is no data at all. */
    public static final int NAME_BYTES_MAX = 64 << 10;

    /** Between a watch's own name and what it watched. */
    private static final String OF = ".";

    private final List<Bytes> prefixes;
    private final String fingerprint;
    /** Streams of the journal are no data, even below a captured prefix. */
    private final Set<Bytes> journal;

    public SourceKeys(SourceSettings source) {
        this.prefixes = source.prefixes().stream().map(Bytes::utf8).toList();
        this.journal = source.journal().streams().stream()
                .flatMap(stream -> Stream.of(Bytes.utf8(stream), Bytes.utf8(JournalSettings.asideOf(stream))))
                .collect(Collectors.toUnmodifiableSet());
        this.fingerprint = fingerprint(source);
    }

    private static String fingerprint(SourceSettings source) {
        String scope = new TreeSet<>(source.databases())
                + source.prefixes().stream()
                        .map(prefix -> Bytes.utf8(prefix).toHex())
                        .sorted()
                        .toList()
                        .toString();
        return UUID.nameUUIDFromBytes(scope.getBytes(StandardCharsets.US_ASCII))
                .toString()
                .substring(0, 8);
    }

    /** A new name for a watch of these keys: it goes into claims and snapshots, which then tell what they are of. */
    public String newWatch() {
        return UUID.randomUUID() + OF + fingerprint;
    }

    /** Whether a watch of this name was of these prefixes and databases; one that an earlier build named is believed to be. */
    public boolean areOf(String watch) {
        int of = watch.indexOf(OF);
        return of < 0 || watch.substring(of + OF.length()).equals(fingerprint);
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
