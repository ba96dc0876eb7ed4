package dev.tidemark.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.shaded.org.eclipse.jetty.server.Connector;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Server;

/**
 * An S3 endpoint on a directory, inside this JVM: S3Proxy with one bucket, path style, loopback only. An object is a
 * plain file {@code <directory>/<bucket>/<key>}, its metadata are extended attributes of it.
 *
 * <p>Not durable against loss of power: nothing is synced to disk. It survives the end of this JVM at any moment.
 */
public final class S3Endpoint implements AutoCloseable {
    private static final String ATTRIBUTE_PROBE = "tidemark.probe";
    /** S3 allows 2 KB of metadata an object. */
    private static final int METADATA_BYTES_MAX = 2_048;

    private final Options options;
    private final ServerDirectory directory;
    private final int port;
    private final S3Faults faults;
    private final BlobStore store;
    private final Server server;
    private boolean closed;

    private S3Endpoint(Options options, ServerDirectory directory, int port) {
        this.options = options;
        this.directory = directory;
        this.port = port;
        this.faults = new S3Faults(options.faultSeed());
        this.store = new FilesystemNio2BlobStore(directory.path().toString());
        this.server = serverOf(S3Proxy.builder()
                .blobStore(store)
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, options.accessKey(), options.secretKey())
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .ignoreUnknownHeaders(options.ignoresUnknownHeaders())
                .build());
    }

    /** Where and how; credentials are random unless given. */
    public record Options(
            Optional<Path> directory,
            OptionalInt port,
            String bucket,
            String accessKey,
            String secretKey,
            long faultSeed,
            boolean ignoresUnknownHeaders) {
        public Options {
            Objects.requireNonNull(directory, "directory");
            Objects.requireNonNull(port, "port");
            Objects.requireNonNull(bucket, "bucket");
            Objects.requireNonNull(accessKey, "accessKey");
            Objects.requireNonNull(secretKey, "secretKey");
        }

        public static Options defaults() {
            return new Options(
                    Optional.empty(), OptionalInt.empty(), "tidemark", randomHex(10), randomHex(20), 1, false);
        }

        /** The directory is created if missing, and is the caller's: it is not deleted on close. */
        public Options withDirectory(Path path) {
            return new Options(Optional.of(path), port, bucket, accessKey, secretKey, faultSeed, ignoresUnknownHeaders);
        }

        public Options withPort(int number) {
            return new Options(
                    directory, OptionalInt.of(number), bucket, accessKey, secretKey, faultSeed, ignoresUnknownHeaders);
        }

        public Options withBucket(String name) {
            return new Options(directory, port, name, accessKey, secretKey, faultSeed, ignoresUnknownHeaders);
        }

        public Options withCredentials(String access, String secret) {
            return new Options(directory, port, bucket, access, secret, faultSeed, ignoresUnknownHeaders);
        }

        /** For the dice of {@link S3Faults#failRatio}. */
        public Options withFaultSeed(long seed) {
            return new Options(directory, port, bucket, accessKey, secretKey, seed, ignoresUnknownHeaders);
        }

        /** As S3 itself does. Without it a header that this endpoint does not know is refused, so that nothing of ours rests on one. */
        public Options ignoringUnknownHeaders() {
            return new Options(directory, port, bucket, accessKey, secretKey, faultSeed, true);
        }

        @Override
        public String toString() {
            return "Options[directory=%s, port=%s, bucket=%s]".formatted(directory, port, bucket);
        }

        private static String randomHex(int bytes) {
            byte[] random = new byte[bytes];
            new SecureRandom().nextBytes(random);
            return HexFormat.of().formatHex(random);
        }
    }

    public static S3Endpoint start() {
        return start(Options.defaults());
    }

    public static S3Endpoint start(Options options) {
        ServerDirectory directory = ServerDirectory.ofCallerOrFresh(options.directory(), "s3");
        requireAttributes(directory.path());
        S3Endpoint endpoint = new S3Endpoint(options, directory, options.port().orElseGet(FreePort::next));
        endpoint.open();
        return endpoint;
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public int port() {
        return port;
    }

    public String bucket() {
        return options.bucket();
    }

    public String accessKey() {
        return options.accessKey();
    }

    public String secretKey() {
        return options.secretKey();
    }

    public Path directory() {
        return directory.path();
    }

    /** Options that start an endpoint like this one, on the same directory and port, after this one was closed. */
    public Options sameAgain() {
        return options.withDirectory(directory.path()).withPort(port);
    }

    public S3Faults faults() {
        return faults;
    }

    /** Leaves the objects where they are when this endpoint is closed. */
    public S3Endpoint keepFiles() {
        directory.keep();
        return this;
    }

    /** Connections are cut and new ones refused, as if the endpoint's machine had rebooted. */
    public synchronized void down() {
        try {
            for (Connector connector : server.getConnectors()) {
                connector.stop();
            }
        } catch (Exception e) {
            throw new ServerFailure("the S3 endpoint on port " + port + " does not go down", e);
        }
    }

    public synchronized void up() {
        try {
            for (Connector connector : server.getConnectors()) {
                connector.start();
            }
        } catch (Exception e) {
            throw new ServerFailure("the S3 endpoint does not come up on port " + port, e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        faults.clear();
        try {
            server.stop();
            store.close();
        } catch (Exception e) {
            throw new ServerFailure("the S3 endpoint on port " + port + " does not stop", e);
        }
        directory.discard();
    }

    private void open() {
        try {
            if (!store.containerExists(options.bucket())) {
                store.createContainer(options.bucket());
            }
            Handler roomy = new S3RoomHandler(server.getHandler(), directory.path());
            server.setHandler(new S3FaultHandler(roomy, faults, options.bucket()));
            // Clients keep their connections; an orderly stop would wait for them to go home.
            server.setStopTimeout(0);
            server.start();
        } catch (Exception e) {
            throw new ServerFailure("no S3 endpoint on port " + port + " for " + directory.path(), e);
        }
    }

    /** S3Proxy shows nobody its HTTP server, and only there can an answer be lost after the work was done. */
    private static Server serverOf(S3Proxy proxy) {
        try {
            Field field = S3Proxy.class.getDeclaredField("server");
            field.setAccessible(true);
            return (Server) field.get(proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this S3Proxy is built differently from the version that was chosen", e);
        }
    }

    /** Without extended attributes S3Proxy would drop an object's metadata without a word. */
    private static void requireAttributes(Path directory) {
        try {
            Path probe = Files.createTempFile(directory, ".probe", "");
            try {
                UserDefinedFileAttributeView attributes =
                        Files.getFileAttributeView(probe, UserDefinedFileAttributeView.class);
                attributes.write(ATTRIBUTE_PROBE, ByteBuffer.allocate(METADATA_BYTES_MAX));
            } finally {
                Files.delete(probe);
            }
        } catch (IOException | UnsupportedOperationException e) {
            if (DiskSpace.leftBytes(directory) == 0) {
                throw new ServerFailure("the disk of %s is full; make room there".formatted(directory), e);
            }
            throw new UncheckedIOException(
                    "the file system of %s keeps no extended attributes of %d bytes, so objects there would lose their metadata; choose a directory elsewhere"
                            .formatted(directory, METADATA_BYTES_MAX),
                    e instanceof IOException io ? io : new IOException(e));
        }
    }
}
