package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.Signal;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A script that began after the canary was seen, and before the PINGs behind it came, answers them with BUSY. */
class BusyServerTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration BUSY_FOR = Duration.ofSeconds(1);

    private final List<String> heard = new CopyOnWriteArrayList<>();

    @Test
    void aPongIsLateWhileAScriptRunsAndNothingIsBroken() throws InterruptedException {
        RedisServer.Options soonBusy = RedisServer.Options.defaults().withConfig("busy-reply-threshold 100");
        try (RedisServer redis = RedisServer.start(soonBusy);
                RedisServers servers = new RedisServers(RedisSettings.at(redis.uri()), Clock.systemUTC());
                SignalLink link = connect(servers, new LoopFixture(redis.uri()));
                RedisClient client = RedisClient.create(RedisURI.create(redis.uri()));
                BusyScript script = new BusyScript(client)) {
            script.begin();

            link.pingAll();
            Thread.sleep(BUSY_FOR.toMillis());
            assertThat(heard).isEmpty();
            script.end();

            Signal.OF_KEYS.forEach(
                    signal -> Await.until(SOON, () -> heard.contains("ponged " + signal), signal + " is through"));
            assertThat(heard).noneMatch(event -> event.startsWith("broken"));
        }
    }

    private SignalLink connect(RedisServers servers, LoopFixture loop) {
        SignalLink.Listener listener = (SignalLink.Listener) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {SignalLink.Listener.class}, (self, method, arguments) -> {
                    heard.add(method.getName() + " " + (arguments == null ? "" : arguments[0]));
                    return null;
                });
        return new WatchLink(
                servers.at(servers.configured().get(0)),
                loop.tools.keys(),
                Optional.empty(),
                "rag",
                "w",
                loop.mailbox::post,
                listener);
    }
}
