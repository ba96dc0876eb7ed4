package dev.tidemark.standalone.up;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Outage;
import dev.tidemark.servers.DiskSpace;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room on the disk of {@code up}. A broker that cannot write ends, and on a full disk it does not start: so it is left alone
 * until there is room, and whoever can make some is told.
 */
final class BrokerRoom {
    /** What a broker needs to start and to take what waits for it in capture. */
    static final long BYTES_MIN = 16L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(BrokerRoom.class);

    private final Path directory;
    private final Outage shortage;

    BrokerRoom(Path directory) {
        this.directory = directory;
        this.shortage = new Outage("the disk of " + directory);
    }

    /** Refuses to start where nothing can be written. */
    static void require(Path directory) {
        if (DiskSpace.leftBytes(directory) < BYTES_MIN) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "%s cannot be used as --data: its disk has %d MiB left, and the broker needs %d; nothing was started, and what lies there is as it was. Make room on that disk, then start it again"
                            .formatted(directory, DiskSpace.leftBytes(directory) >> 20, BYTES_MIN >> 20));
        }
    }

    /** Whether a broker that ended may be started again; says now and then why not. */
    boolean isThere() {
        long leftBytes = DiskSpace.leftBytes(directory);
        if (leftBytes >= BYTES_MIN) {
            shortage.answered(System.nanoTime());
            return true;
        }
        shortage.failed(System.nanoTime())
                .ifPresent(spell -> LOG.error(
                        "event=disk-full reason=\"the disk of {} has {} MiB left, and the broker, which has ended, needs {}\" next=\"make room there; capture holds what changes, and goes on then\"",
                        directory,
                        leftBytes >> 20,
                        BYTES_MIN >> 20));
        return false;
    }
}
