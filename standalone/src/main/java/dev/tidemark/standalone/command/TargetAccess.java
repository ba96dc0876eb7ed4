package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What an address of a Redis does not say of the way in, the same for every command that takes one. */
final class TargetAccess {
    private static final String PASSWORD_FILE = "--target-password-file";
    private static final String CA_FILE = "--target-ca-file";

    @Option(
            names = PASSWORD_FILE,
            paramLabel = "FILE",
            description = "Holds the Redis's password, which then need not stand on the command line.")
    private Optional<Path> passwordFile = Optional.empty();

    @Option(
            names = CA_FILE,
            paramLabel = "FILE",
            description = "PEM certificates of the authority that signed the Redis's; by default those of the JDK.")
    private Optional<Path> caFile = Optional.empty();

    RestoreTarget of(URI address) {
        RestoreTarget target = RestoreTarget.at(address);
        if (caFile.isPresent()) {
            if (!target.tls()) {
                throw new TidemarkError(
                        ExitCode.USAGE,
                        "%s is for an address that begins with rediss://, and %s does not; nothing was done"
                                .formatted(CA_FILE, target.address()));
            }
            requireCertificates(caFile.get());
            target = target.trusting(caFile.get());
        }
        return password().map(target::withPassword).orElse(target);
    }

    /** Where no address is given, there is nobody whom it would be about. */
    void requireNoCaFile() {
        if (caFile.isPresent()) {
            throw new TidemarkError(ExitCode.USAGE, "%s goes with --into alone; nothing was done".formatted(CA_FILE));
        }
    }

    private static void requireCertificates(Path file) {
        try (InputStream pem = Files.newInputStream(file)) {
            if (!CertificateFactory.getInstance("X.509")
                    .generateCertificates(pem)
                    .isEmpty()) {
                return;
            }
        } catch (IOException e) {
            throw unreadable(file, CA_FILE, e);
        } catch (CertificateException nonsense) {
            // Said below.
        }
        throw new TidemarkError(
                ExitCode.USAGE,
                "the file %s of %s holds no certificate in PEM; nothing was done".formatted(file, CA_FILE));
    }

    Optional<Secret> password() {
        return passwordFile.map(file -> secretIn(file, PASSWORD_FILE));
    }

    /** @param option that names the file */
    static Secret secretIn(Path file, String option) {
        try {
            return Secret.of(Files.readString(file).strip());
        } catch (IOException e) {
            throw unreadable(file, option, e);
        }
    }

    private static TidemarkError unreadable(Path file, String option, IOException why) {
        return new TidemarkError(
                ExitCode.USAGE, "the file %s of %s cannot be read; nothing was done".formatted(file, option), why);
    }
}
