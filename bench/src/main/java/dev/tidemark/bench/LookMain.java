package dev.tidemark.bench;

import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.S3Endpoint;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One look at one key, as the command does it, in a JVM that has looked at nothing before. */
final class LookMain {
    private LookMain() {}

    /** What this program is to be given. */
    static List<String> arguments(S3Endpoint s3, String source, int shards, String key, Instant at) {
        return List.of(
                source,
                Integer.toString(shards),
                s3.uri().toString(),
                s3.bucket(),
                s3.accessKey(),
                s3.secretKey(),
                key,
                at.toString());
    }

    static Settings settings(List<String> arguments) {
        return Settings.of(
                SourceSettings.of(arguments.get(0), Integer.parseInt(arguments.get(1))),
                RedisSettings.defaults(),
                KafkaSettings.defaults(),
                S3Settings.at(
                        URI.create(arguments.get(2)), arguments.get(3), arguments.get(4), Secret.of(arguments.get(5))));
    }

    /** With {@link #arguments}. */
    public static void main(String[] args) {
        try (Lookout lookout = Lookout.open(settings(List.of(args)), Clock.systemUTC())) {
            KeyAt shown = lookout.show(new KeyName(0, Bytes.utf8(args[6])), Optional.of(Instant.parse(args[7])), false);
            ChildJvm.say(answer(shown.change()));
        }
    }

    static String answer(Optional<Change> change) {
        return change.map(it -> it.timeMicros() + " " + it.value().hashCode()).orElse("never seen");
    }
}
