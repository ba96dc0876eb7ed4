package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.standalone.ChildCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Without {@code s3.access-key-id} credentials come from where AWS's tools look: a profile, a role, the web identity of a pod.
 * The command runs as it is installed, with nothing but its environment; the S3 server checks every signature. Amazon's STS is
 * stood in for by what its documentation says that it answers.
 */
class AwsCredentialsTest {
    /** S3 answered, and there is no backup in it. */
    private static final int NOTHING_RESTORABLE = 3;

    private static final int UNREACHABLE = 7;
    private static final String ROLE = "arn:aws:iam::123456789012:role/tidemark";

    private final List<String> askedOfSts = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;

    private S3Endpoint s3;
    private HttpServer sts;

    private record Ended(int code, String said) {}

    @BeforeEach
    void start() throws IOException {
        // As any store but Amazon's own, it does not know what a session token is.
        s3 = S3Endpoint.start(S3Endpoint.Options.defaults().ignoringUnknownHeaders());
        sts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sts.createContext("/", this::assumeRole);
        sts.start();
        Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: prod-rag, shards: 1}
                redis: {uri: "redis://127.0.0.1:1"}
                kafka: {bootstrap: "127.0.0.1:1"}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, deadline: 60s, attempts: 2}
                """.formatted(s3.bucket(), s3.uri()));
    }

    @AfterEach
    void stop() {
        sts.stop(0);
        s3.close();
    }

    @Test
    void aProfileIsUsed() throws Exception {
        file("credentials", """
                [backup]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                [other]
                aws_access_key_id = %s
                aws_secret_access_key = not-the-secret
                """.formatted(s3.accessKey(), s3.secretKey(), s3.accessKey()));

        assertThat(points(Map.of("AWS_PROFILE", "backup")))
                .extracting(Ended::code)
                .isEqualTo(NOTHING_RESTORABLE);
        assertThat(points(Map.of("AWS_PROFILE", "other")))
                .satisfies(ended -> assertThat(ended.code()).isEqualTo(UNREACHABLE))
                .satisfies(ended -> assertThat(ended.said()).contains("403"));
    }

    @Test
    void aProfilesRoleIsAssumed() throws Exception {
        file("credentials", """
                [base]
                aws_access_key_id = whoever
                aws_secret_access_key = may-assume-it
                """);
        file("config", """
                [profile backup]
                role_arn = %s
                source_profile = base
                """.formatted(ROLE));

        assertThat(points(Map.of("AWS_PROFILE", "backup")))
                .extracting(Ended::code)
                .isEqualTo(NOTHING_RESTORABLE);
        assertThat(askedOfSts).singleElement().asString().contains("Action=AssumeRole&");
    }

    @Test
    void aPodsWebIdentityIsUsed() throws Exception {
        Path token = file("token", "a-token-of-the-cluster");

        assertThat(points(Map.of("AWS_ROLE_ARN", ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE", token.toString())))
                .extracting(Ended::code)
                .isEqualTo(NOTHING_RESTORABLE);
        assertThat(askedOfSts)
                .singleElement()
                .asString()
                .contains("Action=AssumeRoleWithWebIdentity&", "WebIdentityToken=a-token-of-the-cluster");
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        Path nowhere = directory.resolve("no-token");

        Ended ended = points(Map.of("AWS_ROLE_ARN", ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE", nowhere.toString()));

        assertThat(ended.code()).isEqualTo(UNREACHABLE);
        assertThat(ended.said())
                .contains(
                        "no credentials",
                        "NoSuchFileException: " + nowhere.toString(),
                        "s3.access-key-id",
                        "AWS_WEB_IDENTITY_TOKEN_FILE");
    }

    private void assumeRole(HttpExchange exchange) throws IOException {
        String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        askedOfSts.add(asked);
        String action = asked.contains("WebIdentity") ? "AssumeRoleWithWebIdentity" : "AssumeRole";
        byte[] answer = """
                <%1$sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%1$sResult><Credentials>
                <AccessKeyId>%2$s</AccessKeyId><SecretAccessKey>%3$s</SecretAccessKey>
                <SessionToken>of-this-session</SessionToken><Expiration>%4$s</Expiration>
                </Credentials></%1$sResult></%1$sResponse>
                """.formatted(
                        action, s3.accessKey(), s3.secretKey(), Instant.now().plusSeconds(3_600))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private Ended points(Map<String, String> environment) throws Exception {
        List<String> line = ChildCommand.line(
                "points",
                "--no-tail",
                "--config",
                directory.resolve("tidemark.yml").toString());
        Path said = directory.resolve("said");
        ProcessBuilder builder = ChildCommand.process(line, said);
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment()
                .put(
                        "AWS_SHARED_CREDENTIALS_FILE",
                        directory.resolve("credentials").toString());
        builder.environment().put("AWS_CONFIG_FILE", directory.resolve("config").toString());
        builder.environment()
                .put(
                        "AWS_ENDPOINT_URL_STS",
                        "http://127.0.0.1:" + sts.getAddress().getPort());
        builder.environment().put("AWS_REGION", "us-east-1");
        // Nobody's machine of the cloud answers here; do not wait for one.
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(180, TimeUnit.SECONDS))
                .as(Files.readString(said))
                .isTrue();
        return new Ended(process.exitValue(), Files.readString(said));
    }
}
