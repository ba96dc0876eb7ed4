package dev.tidemark.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where one server keeps its data and its log.
 *
 * <p>A directory given by the caller is the caller's and never deleted. One made here is discarded when the server is
 * closed, and stays when the JVM dies before. In a Maven build the {@code .log} files stay always, in {@code
 * target/servers/<name>-<n>}: a test that fails closes its servers just as one that passes does, so nobody could tell
 * in time which logs would be wanted.
 */
final class ServerDirectory {
    private static final String ROOT_PROPERTY = "tidemark.servers.dir";
    private static final String ROOT_VARIABLE = "TIDEMARK_SERVERS_DIR";
    private static final int NAMES_MAX = 100_000;
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final ConcurrentMap<String, AtomicInteger> NUMBERS = new ConcurrentHashMap<>();

    private final Path path;
    private final boolean ours;
    private final boolean logsStay;
    private volatile boolean kept;

    private ServerDirectory(Path path, boolean ours, boolean logsStay) {
        this.path = path.toAbsolutePath().normalize();
        this.ours = ours;
        this.logsStay = logsStay;
    }

    static ServerDirectory ofCallerOrFresh(Optional<Path> given, String name) {
        try {
            if (given.isPresent()) {
                // One that is there stays as its owner made it.
                return new ServerDirectory(Files.createDirectories(given.get(), OWNER_ALONE), false, true);
            }
            Optional<Path> root = root();
            if (root.isPresent()) {
                return new ServerDirectory(numbered(root.get(), name), true, true);
            }
            return new ServerDirectory(Files.createTempDirectory("tidemark-" + name + "-"), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException("no directory for " + name, e);
        }
    }

    Path path() {
        return path;
    }

    boolean isCallers() {
        return !ours;
    }

    void keep() {
        kept = true;
    }

    void discard() {
        if (!ours || kept) {
            return;
        }
        delete(path, logsStay);
    }

    /** Deletes those of what lies in it. */
    void delete(Predicate<Path> those) {
        try (Stream<Path> files = Files.list(path)) {
            List<Path> chosen = files.filter(those).toList();
            chosen.forEach(each -> delete(each, false));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete files in " + path, e);
        }
    }

    /** Deletes a tree from its leaves up, if wanted all but the logs in it. */
    static void delete(Path tree, boolean exceptLogs) {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(tree)) {
            List<Path> leavesFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path entry : leavesFirst) {
                if (exceptLogs && (entry.toString().endsWith(".log") || holdsSomething(entry))) {
                    continue;
                }
                Files.deleteIfExists(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + tree, e);
        }
    }

    private static boolean holdsSomething(Path entry) throws IOException {
        if (!Files.isDirectory(entry)) {
            return false;
        }
        try (Stream<Path> inside = Files.list(entry)) {
            return inside.findAny().isPresent();
        }
    }

    private static Optional<Path> root() {
        String property = System.getProperty(ROOT_PROPERTY, System.getenv(ROOT_VARIABLE));
        if (property != null && !property.isBlank()) {
            return Optional.of(Path.of(property));
        }
        // Surefire tells the tests the module they run in.
        return Optional.ofNullable(System.getProperty("basedir")).map(module -> Path.of(module, "target", "servers"));
    }

    private static Path numbered(Path root, String name) throws IOException {
        Files.createDirectories(root);
        AtomicInteger number = NUMBERS.computeIfAbsent(name, key -> new AtomicInteger());
        for (int tries = 0; tries < NAMES_MAX; tries++) {
            Path candidate = root.resolve(name + "-" + number.incrementAndGet());
            try {
                return Files.createDirectory(candidate);
            } catch (FileAlreadyExistsException ofAnEarlierRun) {
                // On to the next.
            }
        }
        throw new IOException("%s holds %d directories of %s; delete them".formatted(root, NAMES_MAX, name));
    }
}
