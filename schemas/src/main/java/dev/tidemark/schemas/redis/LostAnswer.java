package dev.tidemark.schemas.redis;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Where a login is refused Lettuce closes the connection, and now and then it finds that before it looks for the answer, which
 * then is lost: what it tells has nothing to do with logins. So the server is asked once more, plainly.
 */
public final class LostAnswer {
    /** As Lettuce says it. */
    private static final Set<String> LOST =
            Set.of("Connection closed prematurely", "RedisHandshakeHandler not registered");

    private LostAnswer() {}

    /** What the server says to whoever logs in so; nothing where the failure is another one, or it lets us in. */
    public static Optional<RedisRefused> behind(Throwable failure, RedisAddress address) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (!LOST.contains(String.valueOf(root.getMessage()))) {
            return Optional.empty();
        }
        try (RedisSocket redis = RedisSocket.open(address, 0)) {
            redis.call("PING");
            return Optional.empty();
        } catch (RedisRefused refused) {
            return Optional.of(refused);
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
