package dev.tidemark.schemas.checkup;

import java.util.Objects;

/**
 * What puts something right.
 *
 * @param line a command or a line of configuration, to be used as it stands; a sentence where only a person can act
 */
public record Mend(Place place, String line) {
    public Mend {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(line, "line");
    }

    public static Mend in(Place place, String line) {
        return new Mend(place, line);
    }

    /** Where the line belongs. */
    public enum Place {
        REDIS_CLI("in redis-cli, as an administrator"),
        /** Also what a managed server's parameter group is filled with, where CONFIG is refused. */
        REDIS_CONF("in redis.conf, or in the provider's parameter group"),
        PROVIDER("in the provider's settings of this user"),
        SHELL("in a shell"),
        TIDEMARK_YML("in tidemark.yml"),
        IAM_POLICY("in the policy of the S3 user"),
        HANDS("by hand");

        private final String spoken;

        Place(String spoken) {
            this.spoken = spoken;
        }

        public String spoken() {
            return spoken;
        }
    }
}
