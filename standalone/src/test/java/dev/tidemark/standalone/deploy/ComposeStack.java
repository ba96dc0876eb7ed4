package dev.tidemark.standalone.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerNetwork;
import dev.tidemark.servers.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerState;
import org.testcontainers.containers.GenericContainer;

/** The services of docker-compose.yml that a backup needs, and one more Redis beside them to restore into. */
final class ComposeStack implements AutoCloseable {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String[] SERVICES = {"redis", "kafka", "s3", "capture-a", "capture-b", "compactor", "drills"};
    /** As docker-compose.yml has them: the variable, and what it is without one. */
    private static final Map<String, String> IMAGES =
            Map.of("REDIS_IMAGE", "redis:7.4", "KAFKA_IMAGE", "apache/kafka:4.3.1", "TIDEMARK_IMAGE", "tidemark:local");

    private static final Duration UP_WITHIN = Duration.ofMinutes(4);

    private final ComposeContainer compose;
    private final GenericContainer<?> scratch;
    private final URI redis;

    private ComposeStack(ComposeContainer compose, GenericContainer<?> scratch, URI redis) {
        this.compose = compose;
        this.scratch = scratch;
        this.redis = redis;
    }

    /** Why it cannot run on this machine; empty if it can. Asked of the command line, which knows at once; Testcontainers tries for minutes. */
    static Optional<String> whyNot() {
        if (run("docker", "version") != 0) {
            return Optional.of("there is no container engine that answers here");
        }
        if (run("docker", "compose", "version") != 0) {
            return Optional.of("there is no 'docker compose' here");
        }
        return IMAGES.entrySet().stream()
                .filter(image -> run("docker", "image", "inspect", image(image.getKey())) != 0)
                .findFirst()
                .map(image -> "the image %s is not here: 'docker compose build' and 'docker compose pull' get all, or"
                                .formatted(image(image.getKey()))
                        + " deploy/compose/local-images, with the variables of deploy/compose/local.env");
    }

    static ComposeStack start() {
        if (run(ROOT.resolve("deploy/compose/make-secrets").toString()) != 0) {
            throw new IllegalStateException("deploy/compose/make-secrets failed");
        }
        int port = FreePort.next();
        ComposeContainer compose = new ComposeContainer(
                        "tidemark-test", ROOT.resolve("docker-compose.yml").toFile())
                .withServices(SERVICES)
                .withPull(false)
                .withEnv("REDIS_PORT", String.valueOf(port))
                .withStartupTimeout(UP_WITHIN);
        compose.start();
        GenericContainer<?> scratch = new GenericContainer<>(image("REDIS_IMAGE"))
                .withCommand("redis-server", "--protected-mode", "no", "--bind", "0.0.0.0", "--save", "")
                .withExposedPorts(6379)
                .withNetworkMode(
                        network(compose.getContainerByServiceName("redis").orElseThrow()));
        scratch.start();
        return new ComposeStack(compose, scratch, URI.create("redis://:%s@127.0.0.1:%d".formatted(password(), port)));
    }

    /** The source, from here. */
    URI redis() {
        return redis;
    }

    /** What is restored into, from here. */
    URI scratch() {
        return URI.create("redis://%s:%d".formatted(scratch.getHost(), scratch.getMappedPort(6379)));
    }

    /** The same, from the other containers. */
    String scratchInside() {
        ContainerNetwork network = scratch.getContainerInfo()
                .getNetworkSettings()
                .getNetworks()
                .values()
                .iterator()
                .next();
        return "redis://%s:6379".formatted(network.getIpAddress());
    }

    void kill(String service) {
        client().killContainerCmd(container(service).getContainerId()).exec();
    }

    void revive(String service) {
        client().startContainerCmd(container(service).getContainerId()).exec();
    }

    /** What a command answers that is typed in a container of ours: the one that has the memory for it. */
    JsonNode tidemark(String... arguments) {
        String[] line = new String[arguments.length + 5];
        System.arraycopy(new String[] {"java", "-jar", "/opt/tidemark/tidemark.jar"}, 0, line, 0, 3);
        System.arraycopy(arguments, 0, line, 3, arguments.length);
        System.arraycopy(new String[] {"-o", "json"}, 0, line, arguments.length + 3, 2);
        try {
            ExecResult answer = container("drills").execInContainer(line);
            if (answer.getExitCode() != 0) {
                throw new IllegalStateException(
                        String.join(" ", line) + " ended with " + answer.getExitCode() + ": " + answer.getStderr());
            }
            return new ObjectMapper().readTree(answer.getStdout());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private ContainerState container(String service) {
        return compose.getContainerByServiceName(service).orElseThrow();
    }

    private static String network(ContainerState container) {
        return container
                .getContainerInfo()
                .getNetworkSettings()
                .getNetworks()
                .keySet()
                .iterator()
                .next();
    }

    private static DockerClient client() {
        return DockerClientFactory.instance().client();
    }

    private static String image(String variable) {
        return Optional.ofNullable(System.getenv(variable)).orElse(IMAGES.get(variable));
    }

    private static String password() {
        try {
            return Files.readString(ROOT.resolve("deploy/compose/secrets/redis-password"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor();
        } catch (IOException missing) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        scratch.close();
        compose.stop();
    }
}
