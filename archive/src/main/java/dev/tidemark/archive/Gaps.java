package dev.tidemark.archive;

import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.Gap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why nothing could be claimed at some times, a small object a doubt. Nothing that can be restored hangs on them. */
public final class Gaps {
    private static final int GAP_BYTES_MAX = 64 << 10;

    private final ObjectStore store;
    private final String prefix;

    Gaps(ObjectStore store, String prefix) {
        this.store = store;
        this.prefix = prefix;
    }

    /** Writes why nothing could be claimed, unless it is there already: all who write it write the same. */
    public void explain(Gap gap) {
        store.create(prefix + gap.key().path(), ObjectBody.of(GapJson.of(gap)), Map.of());
    }

    /**
     * The doubts of this time, in their order, by LIST alone.
     *
     * @param keysMax at most so many, the earliest
     */
    public List<GapKey> between(long fromMicros, long throughMicros, int keysMax) {
        List<GapKey> found = new ArrayList<>();
        Optional<String> startAfter = Optional.of(prefix + ArchiveKey.gapsFrom(fromMicros));
        Iterator<String> keys = store.list(prefix + ArchiveKey.GAPS, startAfter);
        while (found.size() < keysMax && keys.hasNext()) {
            Optional<ArchiveKey> key = ArchiveKey.parse(keys.next().substring(prefix.length()));
            if (key.isPresent() && key.get() instanceof GapKey gap) {
                if (gap.timeMicros() > throughMicros) {
                    break;
                }
                found.add(gap);
            }
        }
        return List.copyOf(found);
    }

    /** What is said of the doubt; nothing where that is gone or cannot be read, since nothing hangs on it. */
    public Optional<Gap> read(GapKey key) {
        return Looked.at(key, () -> store.get(prefix + key.path(), GAP_BYTES_MAX))
                .found()
                .flatMap(bytes -> {
                    try {
                        return Optional.of(GapJson.parse(bytes))
                                .filter(gap -> gap.key().equals(key));
                    } catch (IllegalArgumentException damaged) {
                        return Optional.empty();
                    }
                });
    }
}
