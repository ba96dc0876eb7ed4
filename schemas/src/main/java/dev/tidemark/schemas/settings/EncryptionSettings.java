package dev.tidemark.schemas.settings;

import java.util.Objects;
import java.util.Optional;

/**
 * How the store encrypts what we write.
 *
 * @param kmsKey the id or ARN of the KMS key; without one, as the bucket does
 */
public record EncryptionSettings(Optional<String> kmsKey) {
    public EncryptionSettings {
        Objects.requireNonNull(kmsKey, "kmsKey");
    }

    public static EncryptionSettings defaults() {
        return new EncryptionSettings(Optional.empty());
    }

    void report(Problems problems) {
        kmsKey.ifPresent(
                key -> problems.unless(
                        key.matches("[A-Za-z0-9:/_+=,.@-]{1,2048}"),
                        "s3.encryption.kms-key is no id, alias or ARN of a KMS key; for example arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"));
    }
}
