package dev.tidemark.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What our servers show to clients that come by TLS: a certificate for 127.0.0.1 and localhost, signed by an authority
 * that is made once a JVM with the JDK's keytool, as PEM files that go with the JVM.
 */
final class LoopbackCertificate {
    private static final int KEYTOOL_SECONDS_MAX = 60;
    private static final String PASSWORD_VARIABLE = "TIDEMARK_STORE_PASSWORD";

    private final Path directory;
    private final SSLContext trust;

    private LoopbackCertificate(Path directory, SSLContext trust) {
        this.directory = directory;
        this.trust = trust;
    }

    static LoopbackCertificate get() {
        return Made.CERTIFICATE;
    }

    /** The authority: what a client is told to trust. */
    Path caFile() {
        return directory.resolve("ca.pem");
    }

    Path certificateFile() {
        return directory.resolve("server.pem");
    }

    Path keyFile() {
        return directory.resolve("server-key.pem");
    }

    /** Key and chain in one file, as Kafka wants them. */
    Path keyAndChainFile() {
        return directory.resolve("server-key-and-chain.pem");
    }

    /** Trusts our authority and nobody else. */
    SSLContext trust() {
        return trust;
    }

    private static final class Made {
        static final LoopbackCertificate CERTIFICATE = make();
    }

    private static LoopbackCertificate make() {
        try {
            Path directory = Files.createTempDirectory("tidemark-tls-");
            String password = UUID.randomUUID().toString();
            Path store = directory.resolve("store.p12");
            // A day back, so that a clock which is set back for a test finds it valid.
            keytool(store, password, "-alias", "ca", "-dname", "CN=Tidemark loopback CA", "-ext", "bc:c=ca:true");
            keytool(
                    store,
                    password,
                    "-alias",
                    "server",
                    "-signer",
                    "ca",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "san=ip:127.0.0.1,dns:localhost");
            KeyStore keys = load(store, password);
            Files.delete(store);
            Certificate ca = keys.getCertificate("ca");
            LoopbackCertificate made = new LoopbackCertificate(directory, trusting(ca));
            made.write(ca, keys.getCertificate("server"), keys.getKey("server", password.toCharArray()));
            return made;
        } catch (IOException | GeneralSecurityException e) {
            throw new ServerFailure("no certificate could be made for a server on loopback", e);
        }
    }

    private void write(Certificate ca, Certificate server, Key key) throws IOException, GeneralSecurityException {
        String caText = pem("CERTIFICATE", ca.getEncoded());
        String serverText = pem("CERTIFICATE", server.getEncoded());
        String keyText = pem("PRIVATE KEY", key.getEncoded());
        Files.writeString(caFile(), caText);
        Files.writeString(certificateFile(), serverText);
        Files.writeString(keyFile(), keyText);
        Files.writeString(keyAndChainFile(), keyText + serverText + caText);
        // Deleted in the reverse of this order: the files, then what held them.
        for (Path path : List.of(directory, caFile(), certificateFile(), keyFile(), keyAndChainFile())) {
            path.toFile().deleteOnExit();
        }
    }

    private static void keytool(Path store, String password, String... subject) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Executables.keytool().toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-startdate",
                "-1d",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass:env",
                PASSWORD_VARIABLE));
        command.addAll(List.of(subject));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(PASSWORD_VARIABLE, password);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(KEYTOOL_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new ServerFailure("keytool made no key for a server on loopback; it said: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailure("interrupted while keytool was at work", e);
        }
    }

    private static KeyStore load(Path store, String password) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password.toCharArray());
        }
        return keys;
    }

    private static SSLContext trusting(Certificate ca) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", ca);
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String pem(String type, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, base64, type);
    }
}
