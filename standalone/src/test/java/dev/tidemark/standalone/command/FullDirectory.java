package dev.tidemark.standalone.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.servers.SmallDisk;
import java.nio.file.Path;
import java.util.Optional;

/** A directory on a disk without room: a skip where none can be had. */
final class FullDirectory {
    private FullDirectory() {}

    static SmallDisk in(Path parent) {
        Optional<SmallDisk> disk = SmallDisk.mount(parent, 1);
        assumeTrue(disk.isPresent(), SmallDisk.NEEDS);
        disk.get().fill();
        return disk.get();
    }
}
