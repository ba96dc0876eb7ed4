package dev.tidemark.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** What the broker's own JVM runs: the official tools one after the other, at the price of one JVM's start. */
final class BrokerProcess {
    private BrokerProcess() {}

    /** The properties file, the data directory, the cluster id to format it with if it is new, what else to format. */
    public static void main(String[] args) {
        String properties = args[0];
        Path data = Path.of(args[1]);
        String clusterId = args[2];
        if (!Files.exists(data.resolve("meta.properties"))) {
            List<String> format = new ArrayList<>(List.of("format", "--cluster-id", clusterId, "--config", properties));
            format.addAll(Arrays.asList(args).subList(3, args.length));
            int status = StorageTool.execute(format.toArray(String[]::new), System.out);
            if (status != 0) {
                System.exit(status);
            }
        }
        Kafka.main(new String[] {properties});
    }
}
