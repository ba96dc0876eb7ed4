package dev.tidemark.servers;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A process that starts servers and never closes them: what {@link ReaperTest} kills, or lets run out. */
final class ForsakenServers {
    private ForsakenServers() {}

    public static void main(String[] args) throws InterruptedException {
        List<RedisServer> servers = startTwo();
        if (args[0].equals("again")) {
            Await.until(Duration.ofSeconds(60), () -> servers.stream().noneMatch(RedisServer::isRunning), "killed");
            startTwo();
        }
        if (!args[0].equals("leave")) {
            new CountDownLatch(1).await();
        }
    }

    /** One that runs and one that is paused, whose ids are printed; a third is closed again. */
    private static List<RedisServer> startTwo() {
        RedisServer running = RedisServer.start();
        RedisServer paused = RedisServer.start();
        RedisServer closed = RedisServer.start();
        closed.close();
        paused.pause();
        System.out.println(running.pid() + " " + paused.pid());
        return List.of(running, paused);
    }
}
