package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The Redis that a restore fills. Printing it shows no password.
 *
 * @param caFile PEM certificates to trust instead of the JDK's
 */
public record RestoreTarget(
        String host,
        int port,
        boolean tls,
        Optional<Path> caFile,
        Optional<String> username,
        Optional<Secret> password) {
    private static final int PORT_DEFAULT = 6379;

    public RestoreTarget {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(caFile, "caFile");
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
    }

    /** As in {@code redis://user:password@host:6379}; every part but the host may be left out. */
    public static RestoreTarget at(URI uri) {
        boolean tls = "rediss".equals(uri.getScheme());
        if ((!tls && !"redis".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "the target is no address of a Redis; for example redis://127.0.0.1:6380, or rediss:// for TLS");
        }
        if (uri.getRawPath() != null && uri.getRawPath().length() > 1) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "the target's address names a database; keys are restored into the databases that they were in, so"
                            + " leave it out");
        }
        Optional<String> username = Optional.empty();
        Optional<Secret> password = Optional.empty();
        if (uri.getRawUserInfo() != null) {
            String[] parts = uri.getRawUserInfo().split(":", 2);
            username = Optional.of(decoded(parts[0])).filter(name -> !name.isEmpty());
            password = parts.length == 2 ? Optional.of(Secret.of(decoded(parts[1]))) : Optional.empty();
        }
        return new RestoreTarget(
                uri.getHost(),
                uri.getPort() < 0 ? PORT_DEFAULT : uri.getPort(),
                tls,
                Optional.empty(),
                username,
                password);
    }

    public RestoreTarget withPassword(Secret secret) {
        return new RestoreTarget(host, port, tls, caFile, username, Optional.of(secret));
    }

    /** The same server, trusted by these certificates, which are PEM. */
    public RestoreTarget trusting(Path certificates) {
        return new RestoreTarget(host, port, tls, Optional.of(certificates), username, password);
    }

    /** Another server, to be entered in the same way. */
    RestoreTarget elsewhere(String otherHost, int otherPort) {
        return new RestoreTarget(otherHost, otherPort, tls, caFile, username, password);
    }

    /** For messages. */
    public String address() {
        return (tls ? "rediss://" : "redis://") + host + ":" + port;
    }

    /** In an address a plus sign is a plus sign, not a space as in a form. */
    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return address();
    }
}
