package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerTest {
    private static final String TOPIC = "t";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void keepsItsDataOverAKillAndStandsStillWhenPaused() throws Exception {
        try (KafkaBroker kafka = KafkaBroker.start()) {
            createTopic(kafka);
            produce(kafka.bootstrap(), "before the kill", PATIENCE);
            String bootstrap = kafka.bootstrap();

            kafka.kill();
            assertThat(kafka.isAlive()).isFalse();
            kafka.restart();

            assertThat(kafka.bootstrap()).isEqualTo(bootstrap);
            assertThat(consume(kafka, 1)).containsExactly("before the kill");

            kafka.pause();
            assertThatThrownBy(() -> produce(kafka.bootstrap(), "during the pause", Duration.ofMillis(500)))
                    .hasRootCauseInstanceOf(TimeoutException.class);
            kafka.resume();

            produce(kafka.bootstrap(), "after the pause", PATIENCE);
            assertThat(consume(kafka, 2)).startsWith("before the kill").endsWith("after the pause");
            assertThat(kafka.log()).content().contains("Kafka Server started");
        }
    }

    @Test
    void aCallersDirectoryAndPortAreUsedAgainAndAStrangerIsNoticed(@TempDir Path directory) throws Exception {
        KafkaBroker.Options options =
                KafkaBroker.Options.defaults().withDirectory(directory).withPort(FreePort.next());
        long pid;
        try (KafkaBroker kafka = KafkaBroker.start(options.withProxy())) {
            pid = kafka.pid();
            createTopic(kafka);
            produce(kafka.proxiedBootstrap(), "kept", PATIENCE);
            kafka.proxy().blackHole();
            assertThatThrownBy(() -> produce(kafka.proxiedBootstrap(), "lost", Duration.ofMillis(500)))
                    .hasRootCauseInstanceOf(TimeoutException.class);
            produce(kafka.bootstrap(), "kept too", PATIENCE);
        }
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();

        try (KafkaBroker again = KafkaBroker.start(options)) {
            assertThat(consume(again, 2)).containsExactly("kept", "kept too");

            KafkaBroker.Options samePort = KafkaBroker.Options.defaults().withPort(again.port());
            assertThatThrownBy(() -> KafkaBroker.start(samePort))
                    .isInstanceOf(ServerFailure.class)
                    .hasMessageContaining("port " + again.port());
            assertThat(consume(again, 2)).containsExactly("kept", "kept too");
        }
    }

    @Test
    void startsFromAJarWhoseManifestNamesTheRest(@TempDir Path directory) throws Exception {
        Path jar = Files.createFile(directory.resolve("app.jar"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, BrokerOnce.class.getName());
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPathOfManifest());
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();

        Process process = new ProcessBuilder(
                        Executables.java().toString(), "-Dtidemark.servers.dir=servers", "-jar", "app.jar")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("started with the class path app.jar");
        assertThat(process.exitValue()).isZero();
    }

    private static String classPathOfManifest() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
    }

    private static void createTopic(KafkaBroker kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void produce(String bootstrap, String value, Duration limit) throws Exception {
        int limitMillis = (int) limit.toMillis();
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrap,
                "max.block.ms", limitMillis,
                "linger.ms", 0,
                "request.timeout.ms", limitMillis,
                "delivery.timeout.ms", limitMillis);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        try {
            producer.send(new ProducerRecord<>(TOPIC, value)).get();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private static List<String> consume(KafkaBroker kafka, int wanted) {
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrap(), "auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(TOPIC, 0)));
            List<String> values = new ArrayList<>();
            Await.until(
                    PATIENCE,
                    () -> {
                        for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
                            values.add(each.value());
                        }
                        return values.size() >= wanted;
                    },
                    wanted + " records are read");
            return values;
        }
    }
}
