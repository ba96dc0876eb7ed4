package dev.tidemark.restorer;

import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;

/** What a restore is tried on: a store, a target, and a server for what only a server knows. */
final class RestoreServers implements AutoCloseable {
    final S3Endpoint s3 = S3Endpoint.start();
    final RedisServer target = RedisServer.start();
    private final RedisServer scratchServer = RedisServer.start();
    /** Of the target. */
    final RedisContent found = new RedisContent(target.uri());
    /** Nobody minds what is in it. */
    final RedisContent scratch = new RedisContent(scratchServer.uri());

    @Override
    public void close() {
        found.close();
        scratch.close();
        scratchServer.close();
        target.close();
        s3.close();
    }
}
