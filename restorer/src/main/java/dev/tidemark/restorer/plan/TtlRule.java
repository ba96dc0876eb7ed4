package dev.tidemark.restorer.plan;

import java.util.OptionalLong;

/** What becomes of the expiry of a key that was there at the restored time. */
public enum TtlRule {
    /** It expires when it was to expire; what has passed since is left out. */
    KEEP,
    /** It lives as long from now on as it had left then. */
    SHIFT,
    /** It does not expire any more. */
    DROP;

    public OptionalLong expiry(OptionalLong expireAtMillis, long targetMillis, long nowMillis) {
        if (expireAtMillis.isEmpty()) {
            return expireAtMillis;
        }
        return switch (this) {
            case KEEP -> expireAtMillis;
            case SHIFT -> OptionalLong.of(later(expireAtMillis.getAsLong(), nowMillis - targetMillis));
            case DROP -> OptionalLong.empty();
        };
    }

    /** At most as far ahead as Redis can say. */
    private static long later(long millis, long byMillis) {
        return byMillis > Long.MAX_VALUE - millis ? Long.MAX_VALUE : millis + byMillis;
    }
}
