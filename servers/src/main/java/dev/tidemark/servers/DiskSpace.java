package dev.tidemark.servers;

import java.io.File;
import java.nio.file.Path;

/** How much more a disk takes. */
public final class DiskSpace {
    private DiskSpace() {}

    /** The most there can be where the file system does not tell. */
    public static long leftBytes(Path directory) {
        File there = directory.toFile();
        return there.getTotalSpace() == 0 ? Long.MAX_VALUE : there.getUsableSpace();
    }
}
