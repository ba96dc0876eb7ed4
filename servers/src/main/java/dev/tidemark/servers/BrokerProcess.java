package dev.tidemark.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** What the broker's own JVM runs: the official tools one after the other, at the price of one JVM's start. */
final class BrokerProcess {
    private BrokerProcess() {}

    /** The properties file, the data directory, and the cluster id to format it with if it is new. */
    public static void main(String[] args) {
        String properties = args[0];
        Path data = Path.of(args[1]);
        String clusterId = args[2];
        if (!Files.exists(data.resolve("meta.properties"))) {
            int status = StorageTool.execute(
                    new String[] {"format", "--cluster-id", clusterId, "--config", properties}, System.out);
            if (status != 0) {
                System.exit(status);
            }
        }
        Kafka.main(new String[] {properties});
    }
}
