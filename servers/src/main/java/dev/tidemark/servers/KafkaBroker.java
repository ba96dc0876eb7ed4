package dev.tidemark.servers;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;

/**
 * A real Kafka broker of ours on loopback: the official jars in a JVM of their own, one KRaft node that is broker and
 * controller, alone or in a {@link KafkaCluster}. It has what any broker has: kill -9, a pause, a restart with its data.
 *
 * <p>{@code start} returns when the cluster answers with the id that was given to this data directory.
 */
public final class KafkaBroker implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(4);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final ServerDirectory directory;
    private final BrokerFiles files;
    private final int port;
    private final int heapMegabytesMax;
    private final BrokerSecurity security;
    private final String clusterId;
    private final Optional<FaultProxy> proxy;
    private ServerProcess process;

    private KafkaBroker(
            ServerDirectory directory,
            int port,
            Options options,
            BrokerMembership membership,
            Optional<FaultProxy> proxy) {
        this.directory = directory;
        this.files = new BrokerFiles(directory.path());
        this.port = port;
        this.heapMegabytesMax = options.heapMegabytesMax();
        this.security = new BrokerSecurity(options.tls(), options.sasl(), options.users());
        this.clusterId = files.clusterId(membership);
        this.proxy = proxy;
    }

    /**
     * What a broker is started with; {@code settings} override the lines of server.properties.
     *
     * @param users of SASL, name and password; with SCRAM those count with which the directory was first used
     */
    public record Options(
            Optional<Path> directory,
            OptionalInt port,
            int heapMegabytesMax,
            boolean proxied,
            boolean tls,
            Optional<SaslMechanism> sasl,
            Map<String, String> users,
            Map<String, String> settings) {
        public Options {
            Objects.requireNonNull(directory, "directory");
            Objects.requireNonNull(port, "port");
            Objects.requireNonNull(sasl, "sasl");
            if (heapMegabytesMax < 128) {
                throw new IllegalArgumentException("a broker needs a heap of 128 MB at least, not " + heapMegabytesMax);
            }
            users = Map.copyOf(users);
            settings = Map.copyOf(settings);
        }

        /** A fresh directory, free ports, 384 MB of heap, no security. */
        public static Options defaults() {
            return new Options(
                    Optional.empty(), OptionalInt.empty(), 384, false, false, Optional.empty(), Map.of(), Map.of());
        }

        /** The directory is created if missing, and is the caller's: it is not deleted on close. */
        public Options withDirectory(Path path) {
            return new Options(Optional.of(path), port, heapMegabytesMax, proxied, tls, sasl, users, settings);
        }

        public Options withPort(int number) {
            return new Options(
                    directory, OptionalInt.of(number), heapMegabytesMax, proxied, tls, sasl, users, settings);
        }

        public Options withHeapMegabytesMax(int megabytes) {
            return new Options(directory, port, megabytes, proxied, tls, sasl, users, settings);
        }

        /** With a second way in, through a {@link KafkaBroker#proxy}. */
        public Options withProxy() {
            return new Options(directory, port, heapMegabytesMax, true, tls, sasl, users, settings);
        }

        /** Clients must come by TLS and trust our authority, see {@link KafkaBroker#caFile}. */
        public Options withTls() {
            return new Options(directory, port, heapMegabytesMax, proxied, true, sasl, users, settings);
        }

        /** Clients must log in, and all but the super user {@code admin} may only do what an ACL allows. */
        public Options withSasl(SaslMechanism mechanism) {
            String password = UUID.randomUUID().toString();
            return new Options(directory, port, heapMegabytesMax, proxied, tls, Optional.of(mechanism), users, settings)
                    .withUser(BrokerSecurity.SUPER_USER, password);
        }

        public Options withUser(String name, String password) {
            Map<String, String> all = new HashMap<>(users);
            all.put(name, password);
            return new Options(directory, port, heapMegabytesMax, proxied, tls, sasl, all, settings);
        }

        public Options withSetting(String name, String value) {
            Map<String, String> all = new HashMap<>(settings);
            all.put(name, value);
            return new Options(directory, port, heapMegabytesMax, proxied, tls, sasl, users, all);
        }

        @Override
        public String toString() {
            return "Options[directory=%s, port=%s, tls=%s, sasl=%s, users=%s]"
                    .formatted(directory, port, tls, sasl, users.keySet());
        }
    }

    public static KafkaBroker start() {
        return start(Options.defaults());
    }

    public static KafkaBroker start(Options options) {
        // Else one of the ports that the broker takes for itself may be this one, once in thousands of starts.
        options.port().ifPresent(FreePort::keep);
        return start(options, BrokerMembership.alone());
    }

    static KafkaBroker start(Options options, BrokerMembership membership) {
        ServerDirectory directory = ServerDirectory.ofCallerOrFresh(options.directory(), "kafka");
        int port = options.port().orElseGet(FreePort::next);
        Optional<FaultProxy> proxy = Optional.of(options)
                .filter(Options::proxied)
                .map(wanted -> FaultProxy.before("127.0.0.1", FreePort.next()));
        KafkaBroker broker = new KafkaBroker(directory, port, options, membership, proxy);
        try {
            broker.files.write(port, proxy, membership, broker.security, options.settings());
            broker.launch();
            return broker;
        } catch (RuntimeException e) {
            proxy.ifPresent(FaultProxy::close);
            throw e;
        }
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /** All that a client needs to reach this broker: as the super user, where users are needed. */
    public Map<String, Object> clientProperties() {
        return clientProperties(BrokerSecurity.SUPER_USER);
    }

    public Map<String, Object> clientProperties(String user) {
        Map<String, Object> properties = new HashMap<>(security.clientProperties(user));
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap());
        return properties;
    }

    /** What a client must trust to come in by TLS. */
    public Path caFile() {
        if (!security.tls()) {
            throw new IllegalStateException("the broker was started without withTls()");
        }
        return LoopbackCertificate.get().caFile();
    }

    /**
     * The bad network before this broker, of {@link Options#withProxy}. It has a listener of its own behind it, so that
     * clients which come this way are told to stay on it.
     */
    public FaultProxy proxy() {
        return proxy.orElseThrow(() -> new IllegalStateException("the broker was started without withProxy()"));
    }

    /** For {@code bootstrap.servers} of clients that shall suffer what {@link #proxy} is told. */
    public String proxiedBootstrap() {
        return "127.0.0.1:" + proxy().port();
    }

    public int port() {
        return port;
    }

    public synchronized long pid() {
        return process.pid();
    }

    public synchronized boolean isAlive() {
        return process.isAlive();
    }

    public Path directory() {
        return directory.path();
    }

    public Path log() {
        return files.log();
    }

    /** Leaves data and log where they are when this broker is closed. */
    public KafkaBroker keepFiles() {
        directory.keep();
        return this;
    }

    /** kill -9. */
    public synchronized void kill() {
        process.kill();
    }

    /** SIGSTOP: connections stay open and nothing is answered. */
    public synchronized void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public synchronized void resume() {
        process.resume();
    }

    /** An orderly end. */
    public synchronized void shutdown() {
        if (process.isAlive()) {
            process.resume();
            process.terminate(STOP_LIMIT);
        }
    }

    /** Starts it again with its data on the same ports; a running one is shut down first. */
    public synchronized void restart() {
        shutdown();
        launch();
    }

    /**
     * kill -9, and the machine loses its power: of what the partition's newest file held, the disk has the first half. The next
     * start finds the records that are whole.
     */
    public synchronized void killAndLoseEndOf(String topic, int partition) {
        kill();
        files.halve(topic, partition);
    }

    /** kill -9, and its disk is gone: the next start is that of an empty cluster with the same id and ports. */
    public synchronized void killAndDeleteData() {
        kill();
        ServerDirectory.delete(files.data(), false);
    }

    @Override
    public synchronized void close() {
        if (directory.isCallers()) {
            shutdown();
        }
        process.kill();
        proxy.ifPresent(FaultProxy::close);
        directory.discard();
    }

    private synchronized void launch() {
        // A broker moves bytes: the quick compiler starts it sooner and costs it no throughput that could be measured.
        List<String> command = new ArrayList<>(List.of(
                Executables.java().toString(),
                "-Xmx" + heapMegabytesMax + "m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                // It names its files with digits of the language that it is started in, and does not find them in
                // another.
                "-Duser.language=en",
                "-Dlogback.configurationFile=" + files.logback(),
                "-cp",
                classPath(),
                BrokerProcess.class.getName(),
                files.properties().toString(),
                files.data().toString(),
                clusterId));
        command.addAll(security.formatArguments());
        process = ServerProcess.start("kafka", command, directory.path(), files.log());
        try {
            Await.until(START_LIMIT, this::isListening, "kafka listens on port " + port + "; see " + log());
            awaitCluster();
        } catch (RuntimeException e) {
            process.kill();
            throw e;
        }
    }

    private boolean isListening() {
        if (!process.isAlive()) {
            throw process.ended(port);
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(FreePort.loopback(), port), (int) ANSWER_LIMIT.toMillis());
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void awaitCluster() {
        Map<String, Object> settings = clientProperties();
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) ANSWER_LIMIT.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER_LIMIT.toMillis());
        try (Admin admin = Admin.create(settings)) {
            Await.until(
                    START_LIMIT, () -> isOurs(admin), "kafka on port " + port + " describes its cluster; see " + log());
        }
    }

    private boolean isOurs(Admin admin) {
        if (!process.isAlive()) {
            throw process.ended(port);
        }
        DescribeClusterResult cluster = admin.describeCluster();
        try {
            String answering = cluster.clusterId().get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!clusterId.equals(answering)) {
                throw process.portTaken(
                        "is cluster %s, but %s answers on port %d".formatted(clusterId, answering, port));
            }
            return !cluster.nodes()
                    .get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .isEmpty();
        } catch (ExecutionException | TimeoutException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailure("interrupted while kafka was starting", e);
        }
    }

    /** Ours, made absolute because the broker has a working directory of its own; a jar's manifest may name the rest. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
