package dev.tidemark.standalone.up;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The directory of one pipeline, held by one process at a time. It holds secrets and data, so it is its owner's alone. */
public final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Makes the directory if it is missing, and holds it until it is closed or this process is gone. */
    public static DataDirectory claim(Path wanted) {
        Path path = wanted.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(path);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
            FileChannel lock =
                    FileChannel.open(path.resolve("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isOurs(lock)) {
                lock.close();
                throw new TidemarkError(
                        ExitCode.USAGE,
                        "another 'tidemark up' works in %s; nothing was started. Stop that one, or give this one a directory of its own with --data"
                                .formatted(path));
            }
            return new DataDirectory(path, lock);
        } catch (IOException | UnsupportedOperationException e) {
            throw unusable(path, e);
        }
    }

    private static boolean isOurs(FileChannel lock) throws IOException {
        try {
            FileLock held = lock.tryLock();
            return held != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static TidemarkError unusable(Path path, Exception why) {
        return new TidemarkError(
                ExitCode.USAGE,
                "%s cannot be used as --data (%s); nothing was started. It must be on a disk with room, and writable for this user"
                        .formatted(path, why),
                why);
    }

    public Path path() {
        return path;
    }

    /** What every command reads; written once, and the user's from then on. */
    public Path config() {
        return path.resolve("tidemark.yml");
    }

    public boolean isNew() {
        return !Files.exists(config());
    }

    /** Whether these settings name the bucket that is a folder in here. */
    public boolean keepsBucketOf(Settings settings) {
        return EmbeddedAddresses.read(path).serveBucketOf(settings);
    }

    /** Writes the files of a new pipeline, the one that makes it count last: a crash before it begins anew. */
    public void begin(FirstStart first) {
        try {
            writePrivately(path.resolve(FirstStart.SECRET_FILE), first.s3Secret());
            first.addresses().write(path);
            Path unfinished = path.resolve("tidemark.yml.part");
            Files.deleteIfExists(unfinished);
            writePrivately(unfinished, first.config());
            Files.move(unfinished, config(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /** Takes a beginning back that came to nothing; for that moment alone. */
    public void abandon() {
        try {
            // What makes it count goes first: a crash after it leaves what the next beginning writes over.
            Files.deleteIfExists(config());
            EmbeddedAddresses.forget(path);
            Files.deleteIfExists(path.resolve(FirstStart.SECRET_FILE));
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static void writePrivately(Path file, String text) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException ofAnUnfinishedBeginning) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        Files.writeString(file, text);
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }
}
