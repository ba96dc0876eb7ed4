package dev.tidemark.schemas.settings;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * How to ask Sentinels for the primary.
 *
 * @param master the name under which they watch it; without one there are no Sentinels
 * @param password of the Sentinels themselves, as written, or read from the file
 */
public record SentinelSettings(
        Optional<String> master, Optional<String> username, Optional<Secret> password, Optional<Path> passwordFile) {
    public SentinelSettings {
        Objects.requireNonNull(master, "master");
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(passwordFile, "passwordFile");
    }

    public static SentinelSettings none() {
        return new SentinelSettings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static SentinelSettings of(String master) {
        return new SentinelSettings(Optional.of(master), Optional.empty(), Optional.empty(), Optional.empty());
    }

    void report(Problems problems) {
        problems.unless(
                master.isPresent() || password.isEmpty(),
                "redis.sentinel.password is set but no redis.sentinel.master; for example mymaster");
        problems.unless(
                username.isEmpty() || password.isPresent(),
                "redis.sentinel.username is set but no password; set redis.sentinel.password-file too");
    }
}
