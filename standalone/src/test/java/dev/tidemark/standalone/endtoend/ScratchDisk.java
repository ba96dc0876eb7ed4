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
        return orSkipped(SmallDisk.mount(parent, megabytes));
    }

    /** One from which nothing can be run. */
    public static SmallDisk mountNoexec(Path parent) {
        return orSkipped(SmallDisk.mountNoexec(parent, 16));
    }

    private static SmallDisk orSkipped(Optional<SmallDisk> disk) {
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
