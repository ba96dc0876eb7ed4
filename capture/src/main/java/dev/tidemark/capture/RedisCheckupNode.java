package dev.tidemark.capture;

import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;

/**
 * The node under examination, as far as advice depends on it.
 *
 * @param user as the configuration names it
 * @param info all sections that were read
 * @param managed the provider took CONFIG away, and ACL SETUSER with it
 */
record RedisCheckupNode(String name, String user, ServerInfo info, boolean managed) {
    private static final String PRIMARY = "master";

    boolean isPrimary() {
        return info.text("role").equals(PRIMARY);
    }

    boolean isCluster() {
        return info.text("redis_mode").equals("cluster");
    }

    /** What gives the user a right. */
    Mend granting(String rule) {
        return managed
                ? Mend.in(Place.PROVIDER, rule)
                : Mend.in(Place.REDIS_CLI, "ACL SETUSER %s %s".formatted(user, rule));
    }
}
