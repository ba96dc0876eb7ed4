package dev.tidemark.servers;

import java.util.Objects;
import java.util.Optional;

/**
 * A server of {@link RedisServers#matrix}, or the want of one: a test skips that with {@code assumeTrue(server.isHere(),
 * server.whyNot())}, so that it is counted with its reason.
 */
public record MatrixServer(String name, Optional<RedisBinary> binary) {
    static final String OWN = "own-";

    public MatrixServer {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(binary, "binary");
    }

    /** The one that everything is tried on; what differs from server to server is tried on the others. */
    public boolean isMachinesOwn() {
        return name.startsWith(OWN);
    }

    public boolean isHere() {
        return binary.isPresent();
    }

    public String whyNot() {
        return name + " is wanted by " + RedisServers.VARIABLE
                + " but is not on this machine; './tidemark test --matrix' says why";
    }

    /** To start it with; forgetting to skip what is missing fails. */
    public RedisServer.Options options() {
        return RedisServer.Options.defaults()
                .withBinary(
                        binary.orElseThrow(() -> new ServerFailure(whyNot())).path());
    }

    /** The name of a parameterized test. */
    @Override
    public String toString() {
        return name;
    }
}
