package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.schemas.layout.Pruned;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The snapshots of a source. One is there when its manifest is, which is written last. */
public final class Baselines {
    private static final int MANIFEST_BYTES_MAX = 4 << 20;

    private final ObjectStore store;
    private final String prefix;
    private final Supplier<Optional<Pruned>> obeyed;

    Baselines(ObjectStore store, String prefix, Supplier<Optional<Pruned>> obeyed) {
        this.store = store;
        this.prefix = prefix;
        this.obeyed = obeyed;
    }

    /** The manifests there are, the latest begun first, by LIST alone. */
    public List<BaselineKey> manifests() {
        Optional<Pruned> mark = obeyed.get();
        List<BaselineKey> found = new ArrayList<>();
        for (Iterator<String> keys = store.list(prefix + ArchiveKey.BASELINES, Optional.empty()); keys.hasNext(); ) {
            Optional<ArchiveKey> key = ArchiveKey.parse(keys.next().substring(prefix.length()));
            if (key.isPresent()
                    && key.get() instanceof BaselineKey file
                    && file.file().equals(BaselineKey.MANIFEST)
                    && !mark.map(it -> it.givesUp(file)).orElse(false)) {
                found.add(0, file);
            }
        }
        return found;
    }

    /** What the manifest says; empty if it is gone. One that cannot be understood is an error: others may still serve. */
    public Optional<Baseline> read(BaselineKey manifest) {
        String key = prefix + manifest.path();
        return store.get(key, MANIFEST_BYTES_MAX).map(bytes -> {
            try {
                return BaselineJson.parse(manifest, bytes);
            } catch (RuntimeException e) {
                throw damaged(manifest, e.getMessage());
            }
        });
    }

    /** Makes the baseline visible; everything it names must be there already. */
    public void publish(Baseline baseline) {
        String key = prefix + baseline.manifest().path();
        if (store.create(key, ObjectBody.of(BaselineJson.of(baseline)), Map.of()) == Creation.EXISTS) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s is there already, though its name is new; nothing was overwritten. Take the baseline again"
                            .formatted(store.uri(key)));
        }
    }

    /** Begins a file; it is visible when it is completed. */
    public PartsUpload upload(BaselineKey file) {
        return PartsUpload.begin(store, prefix + file.path());
    }

    /**
     * The bytes [from, to) of a file, fetched range by range, each with attempts of its own, so that a connection that is
     * lost after an hour costs a range. Nothing is compared with a checksum here.
     */
    public InputStream open(StoredFile file, long from, long to) {
        return new RangeInput(store, prefix + file.key().path(), from, to);
    }

    /** Whether a file of that length is there, by HEAD alone. */
    public boolean isThere(StoredFile file) {
        return store.head(prefix + file.key().path())
                .filter(head -> head.sizeBytes() == file.bytes())
                .isPresent();
    }

    /** Takes back what was written of a baseline that came to nothing; what cannot be deleted stays, and nobody reads it. */
    public void discard(BaselineKey file) {
        Parting.evenIfInterrupted(() -> store.delete(prefix + file.path()));
    }

    /** Ours, or whose it is now. */
    public BaselineTurn takeTurn(String owner, Clock clock) {
        return BaselineTurn.take(store, prefix, owner, clock);
    }

    /** Gives back the room of uploads that somebody began and died; only for whoever has the turn. */
    public int abortAbandoned() {
        int aborted = 0;
        for (Map.Entry<String, List<String>> uploads :
                store.abandonedParts(prefix + ArchiveKey.BASELINES).entrySet()) {
            for (String upload : uploads.getValue()) {
                store.abortParts(uploads.getKey(), upload);
                aborted++;
            }
        }
        return aborted;
    }

    /** For messages: where the file lies. */
    public String uriOf(BaselineKey file) {
        return store.uri(prefix + file.path());
    }

    private TidemarkError damaged(BaselineKey file, String how) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s, of a baseline, is damaged: %s. Segments and other baselines are not affected; put back an earlier version of this object, or take a new baseline with 'tidemark baseline'"
                        .formatted(uriOf(file), how));
    }
}
