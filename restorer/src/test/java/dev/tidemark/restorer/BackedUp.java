package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A generated source with values of every type, in a bucket of its own, and a server that tells how they are read. */
final class BackedUp implements AutoCloseable {
    private static final int ROWS_A_SEGMENT = 170;

    private final S3Endpoint s3 = S3Endpoint.start();
    private final RedisServer server = RedisServer.start();
    private final RedisContent scratchContent = new RedisContent(server.uri());
    private final Settings settings;
    private final GeneratedSource source;
    private final List<Segment> segments;

    BackedUp(long seed, int shards, int keys, int changes) {
        source = new GeneratedSource(seed, shards, keys, changes, scratchContent.dumps());
        settings = RestoreTest.settings(s3, "prod-rag", shards);
        try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
            segments = source.archive(archive, ROWS_A_SEGMENT);
        }
    }

    List<Segment> segments() {
        return segments;
    }

    S3Endpoint s3() {
        return s3;
    }

    Settings settings() {
        return settings;
    }

    GeneratedSource source() {
        return source;
    }

    /** What a server must hold that was restored to the time. */
    Map<Name, Object> expected(Instant to) {
        return asRead(source.stateAt(to));
    }

    Map<Name, Object> asRead(Map<Name, State> states) {
        return scratchContent.asRead(states);
    }

    /** For what only a server knows; nobody minds what is in it. */
    RedisContent scratch() {
        return scratchContent;
    }

    @Override
    public void close() {
        scratchContent.close();
        server.close();
        s3.close();
    }
}
