package dev.tidemark.servers;

import java.nio.file.Path;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;

/**
 * Refuses what has no room on the disk in words that say so, as other stores do: S3Proxy only finds it out while it writes, and
 * calls that an internal error.
 */
final class S3RoomHandler extends Handler.Wrapper {
    private static final int INSUFFICIENT_STORAGE = 507;

    private final Path directory;

    S3RoomHandler(Handler s3, Path directory) {
        super(s3);
        this.directory = directory;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        long bytes = request.getLength();
        if (bytes > 0 && bytes > DiskSpace.leftBytes(directory)) {
            String message = "no room for %d bytes on the disk of %s".formatted(bytes, directory);
            new S3Refusal(INSUFFICIENT_STORAGE, "InsufficientStorage", message).send(request, response, callback);
            return true;
        }
        return super.handle(request, response, callback);
    }
}
