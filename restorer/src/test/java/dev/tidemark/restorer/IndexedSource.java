package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.IndexSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.AnsweringProxy;
import dev.tidemark.servers.FreePort;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A source of a few chunks and an index of them, which is restored to where a recorded module answers. */
final class IndexedSource implements AutoCloseable {
    static final int KEYS = 30;

    private static final AtomicInteger SOURCES = new AtomicInteger();

    private final AnsweringProxy proxy;
    private final Archive archive;
    private final SmallSource source;
    private Settings settings;

    /** @param search answers for the target of these servers, which is emptied */
    IndexedSource(RestoreServers on, RecordedSearch search) {
        on.found.redis().flushall();
        proxy = AnsweringProxy.before(on.target, search);
        String name = "indexes-" + SOURCES.incrementAndGet();
        settings = RestoreTest.settings(on.s3, name, 1);
        archive = Archive.open(settings.s3(), name);
        source = new SmallSource(archive);
        for (int i = 0; i < KEYS; i++) {
            source.put("chunk:" + i, new Value.Hash(List.of(new Field(Bytes.utf8("text"), Bytes.utf8("about " + i)))));
        }
    }

    /** Backs it up with an index of this definition. */
    void define(String command) {
        source.define(Definitions.INDEX + "chunks", RedisContent.bytes(command));
        source.archive();
    }

    /** Has the indexes of this file made, in place of its own. */
    void configure(Path indexes) {
        settings = settings.with(new IndexSettings(Optional.of(indexes)));
    }

    String name() {
        return settings.source().name();
    }

    Settings settings() {
        return settings;
    }

    /** Where the target is reached by way of the module. */
    URI target() {
        return proxy.uri();
    }

    /** What the target was told so far. */
    List<String> commands() {
        return proxy.commands();
    }

    RestoreReport restore(RestoreOptions options) {
        return restore(RestoreTarget.at(target()), options, RestoreListener.silent());
    }

    RestoreReport restore(RestoreTarget to, RestoreOptions options, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(Optional.empty(), false), to, options, listener);
        }
    }

    RestoreReport snapshot(Path file, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(Optional.empty(), false), new RestoreFile(file), options, RestoreListener.silent());
        }
    }

    RestoreReport snapshot(RestoreObject object, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(Optional.empty(), false), object, options, RestoreListener.silent());
        }
    }

    /** To the target, which is told to follow. */
    RestoreReport serve() {
        return serve(Optional.of(target()), FreePort.next(), RestoreListener.silent());
    }

    /** To whoever follows by itself. */
    RestoreReport serve(int port, RestoreListener listener) {
        return serve(Optional.empty(), port, listener);
    }

    private RestoreReport serve(Optional<URI> follower, int port, RestoreListener listener) {
        ReplicationPort door = new ReplicationPort(
                "127.0.0.1",
                port,
                Optional.empty(),
                follower.map(RestoreTarget::at),
                Optional.empty(),
                Optional.empty());
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(Optional.empty(), false), door, RestoreOptions.careful(), listener);
        }
    }

    @Override
    public void close() {
        proxy.close();
        archive.close();
    }
}
