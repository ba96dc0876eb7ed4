package dev.tidemark.servers;

/** How a replica of a Redis Cluster takes over when it is told to. */
public enum ClusterFailover {
    /** The primary stops its clients until the replica has everything: nothing is lost. */
    ORDERLY("CLUSTER FAILOVER"),
    /** Without asking the primary, which may be dead: what had not been replicated is lost. */
    FORCE("CLUSTER FAILOVER FORCE"),
    /** Without asking anybody: for a cluster that has lost its majority. */
    TAKEOVER("CLUSTER FAILOVER TAKEOVER");

    private final String command;

    ClusterFailover(String command) {
        this.command = command;
    }

    String[] words() {
        return command.split(" ", -1);
    }
}
