package dev.tidemark.standalone.endtoend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.servers.SmallDisk;
import java.nio.file.Path;
import java.util.Optional;

/** A small disk for a test, which is skipped where none can be had. */
public final class ScratchDisk {
    private ScratchDisk() {}

    /** An empty one. */
    static SmallDisk mount(Path parent, int megabytes) {
        Optional<SmallDisk> disk = SmallDisk.mount(parent, megabytes);
        assumeTrue(disk.isPresent(), SmallDisk.NEEDS);
        return disk.get();
    }

    /** One without room. */
    public static SmallDisk mountFull(Path parent) {
        SmallDisk disk = mount(parent, 1);
        disk.fill();
        return disk;
    }
}
