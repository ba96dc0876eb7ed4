package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;

/** A standalone server, or whichever server is the primary: its address may change. */
final class OneServer implements Source {
    private final OracleOptions options;
    private volatile URI uri;

    OneServer(URI uri, OracleOptions options) {
        this.uri = uri;
        this.options = options;
    }

    void moveTo(URI other) {
        uri = other;
    }

    @Override
    public Key prefix(int scribe) {
        return options.prefix();
    }

    @Override
    public Station open(int scribe) throws IOException {
        return open();
    }

    @Override
    public Survey survey() throws IOException {
        return new Survey(List.of(open()), Set.of());
    }

    @Override
    public boolean inherited(Station station, Station.Home before) {
        return false;
    }

    @Override
    public long timeMicros() throws IOException {
        try (RedisConnection connection = RedisConnection.open(uri, options.replyTimeout())) {
            return connection.timeMicros();
        }
    }

    @Override
    public int database() {
        return RedisConnection.databaseOf(uri);
    }

    private Station open() throws IOException {
        RedisConnection connection = RedisConnection.open(uri, options.replyTimeout());
        try {
            return new Station(connection, ServerFacts.of(connection), "", key -> true);
        } catch (IOException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }
}
