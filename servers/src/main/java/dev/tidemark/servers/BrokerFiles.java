package dev.tidemark.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/** The files of one broker: properties, data, log, and where its log goes. */
final class BrokerFiles {
    private static final String LOGBACK = """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n</pattern></encoder>
              </appender>
              <root level="INFO"><appender-ref ref="out"/></root>
            </configuration>
            """;

    private final Path directory;

    BrokerFiles(Path directory) {
        this.directory = directory;
    }

    Path properties() {
        return directory.resolve("server.properties");
    }

    Path data() {
        return directory.resolve("data");
    }

    Path log() {
        return directory.resolve("broker.log");
    }

    Path logback() {
        return directory.resolve("logback.xml");
    }

    /** The id that the data was formatted with; for a directory without data the one that is given, or a random one. */
    String clusterId(BrokerMembership membership) {
        Path meta = data().resolve("meta.properties");
        if (!Files.exists(meta)) {
            return membership.clusterId().orElseGet(() -> Uuid.randomUuid().toString());
        }
        try (Reader reader = Files.newBufferedReader(meta)) {
            Properties properties = new Properties();
            properties.load(reader);
            return properties.getProperty("cluster.id");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + meta, e);
        }
    }

    void write(
            int port,
            Optional<FaultProxy> proxy,
            BrokerMembership membership,
            BrokerSecurity security,
            Map<String, String> more) {
        Properties properties = new Properties();
        properties.putAll(settings());
        properties.putAll(membership.settings());
        properties.putAll(listeners(port, proxy, membership.controllerAddress(), security.protocol()));
        properties.putAll(security.brokerSettings(List.of("DIRECT", "PROXIED")));
        properties.putAll(more);
        try {
            Files.createDirectories(data());
            Files.writeString(logback(), LOGBACK);
            try (OutputStream out = Files.newOutputStream(properties())) {
                properties.store(out, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the broker's files in " + directory, e);
        }
    }

    /** Cuts off the second half of a partition's newest file, in the middle of a record most likely. */
    void halve(String topic, int partition) {
        Path directory = data().resolve(topic + "-" + partition);
        try (Stream<Path> files = Files.list(directory)) {
            // Named by the first offset, in as many digits each.
            Path newest = files.filter(file -> file.toString().endsWith(".log"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            try (FileChannel file = FileChannel.open(newest, StandardOpenOption.WRITE)) {
                file.truncate(file.size() / 2);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot cut " + directory, e);
        }
    }

    /** Clients have one listener or two, whatever their security; the broker has two more for itself. */
    private static Map<String, String> listeners(
            int port, Optional<FaultProxy> proxy, String controller, String protocol) {
        String address = "127.0.0.1:";
        String internal = "INTERNAL://" + address + FreePort.next();
        String advertised = "DIRECT://" + address + port + "," + internal;
        String listeners = advertised + ",CONTROLLER://" + controller;
        if (proxy.isPresent()) {
            listeners += ",PROXIED://" + address + proxy.get().targetPort();
            advertised += ",PROXIED://" + address + proxy.get().port();
        }
        return Map.of(
                "listeners",
                listeners,
                "advertised.listeners",
                advertised,
                "listener.security.protocol.map",
                "DIRECT:%s,PROXIED:%s,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT".formatted(protocol, protocol),
                "inter.broker.listener.name",
                "INTERNAL",
                "controller.listener.names",
                "CONTROLLER");
    }

    private Map<String, String> settings() {
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("log.dirs", data().toString()),
                // Few groups: the internal topics need not be wide.
                Map.entry("offsets.topic.num.partitions", "4"),
                Map.entry("transaction.state.log.num.partitions", "4"),
                Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                // A group forms at once, and a test may let a member time out quickly.
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.min.session.timeout.ms", "500"),
                Map.entry("group.consumer.min.session.timeout.ms", "1000"),
                Map.entry("group.consumer.min.heartbeat.interval.ms", "250"),
                Map.entry("group.streams.min.session.timeout.ms", "1000"),
                Map.entry("group.streams.min.heartbeat.interval.ms", "250"),
                // A killed broker may register again only when its former self has timed out: 9 s if nobody says less.
                Map.entry("broker.session.timeout.ms", "3000"),
                Map.entry("broker.heartbeat.interval.ms", "500"),
                // A topic that nobody created is a mistake to be seen.
                Map.entry("auto.create.topics.enable", "false"),
                // Memory and threads for a machine that does other things as well.
                Map.entry("log.cleaner.dedupe.buffer.size", "8388608"),
                Map.entry("log.cleaner.threads", "1"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "4"),
                Map.entry("background.threads", "2"));
    }
}
