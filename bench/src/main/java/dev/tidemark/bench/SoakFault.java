package dev.tidemark.bench;

import io.lettuce.core.KillArgs;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What a soak does to a part of the whole. Each ends with every part at work again. */
enum SoakFault {
    CAPTURE_KILLED(false, 12) {
        @Override
        void strike(SoakGround on, Random random) {
            SoakProcess capture = oneOf(on.captures(), random);
            capture.kill();
            rest(random, 15_000);
            capture.start();
        }
    },
    CAPTURE_PAUSED(false, 12) {
        @Override
        void strike(SoakGround on, Random random) {
            SoakProcess capture = oneOf(on.captures(), random);
            capture.pause();
            rest(random, 20_000);
            capture.resume();
        }
    },
    COMPACTOR_KILLED(false, 4) {
        @Override
        void strike(SoakGround on, Random random) {
            on.compactor().kill();
            rest(random, 2_000);
            on.compactor().start();
        }
    },
    COMPACTOR_PAUSED(false, 4) {
        @Override
        void strike(SoakGround on, Random random) {
            on.compactor().pause();
            rest(random, 10_000);
            on.compactor().resume();
        }
    },
    TRACKING_KILLED(false, 10) {
        @Override
        void strike(SoakGround on, Random random) {
            killOne(on, random, client -> client.contains(" psub=0 ") && !client.contains(" sub=0 "));
        }
    },
    NOTIFICATIONS_KILLED(false, 10) {
        @Override
        void strike(SoakGround on, Random random) {
            killOne(on, random, client -> !client.contains(" psub=0 "));
        }
    },
    COMMANDS_KILLED(false, 10) {
        @Override
        void strike(SoakGround on, Random random) {
            killOne(on, random, client -> client.contains(" psub=0 ") && client.contains(" sub=0 "));
        }
    },
    /** All connections of all captures at once: nobody watches for a moment. */
    NETWORK_CUT(true, 4) {
        @Override
        void strike(SoakGround on, Random random) {
            on.network().cut();
        }
    },
    NETWORK_SWALLOWS(false, 6) {
        @Override
        void strike(SoakGround on, Random random) {
            on.network().blackHole();
            rest(random, 15_000);
            on.network().heal();
        }
    },
    KAFKA_PAUSED(false, 4) {
        @Override
        void strike(SoakGround on, Random random) {
            on.kafka().pause();
            rest(random, 60_000);
            on.kafka().resume();
        }
    },
    KAFKA_KILLED(false, 4) {
        @Override
        void strike(SoakGround on, Random random) {
            on.kafka().kill();
            rest(random, 2_000);
            on.kafka().restart();
        }
    },
    S3_AWAY(false, 6) {
        @Override
        void strike(SoakGround on, Random random) {
            on.s3().down();
            rest(random, 20_000);
            on.s3().up();
        }
    },
    REDIS_PAUSED(false, 6) {
        @Override
        void strike(SoakGround on, Random random) {
            on.redis().pause();
            rest(random, 4_000);
            on.redis().resume();
        }
    },
    FLUSHED(true, 3) {
        @Override
        void strike(SoakGround on, Random random) {
            on.oracle().pause();
            on.admin().flushall();
            on.oracle().rebase();
            on.oracle().resume();
        }
    };

    private final boolean makesAGap;
    private final int weight;

    SoakFault(boolean makesAGap, int weight) {
        this.makesAGap = makesAGap;
        this.weight = weight;
    }

    /** Whether something may be lost by it though captures stand by for each other. */
    boolean makesAGap() {
        return makesAGap;
    }

    abstract void strike(SoakGround on, Random random);

    static SoakFault any(Random random) {
        int sum = List.of(values()).stream().mapToInt(fault -> fault.weight).sum();
        int drawn = random.nextInt(sum);
        for (SoakFault fault : values()) {
            drawn -= fault.weight;
            if (drawn < 0) {
                return fault;
            }
        }
        throw new IllegalStateException("weights that do not add up");
    }

    static <T> T oneOf(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    static void killOne(SoakGround on, Random random, Predicate<String> concerned) {
        List<String> clients = on.admin()
                .clientList()
                .lines()
                .filter(client -> client.contains(" name=tidemark-capture ") && concerned.test(client))
                .toList();
        if (!clients.isEmpty()) {
            String id = oneOf(clients, random).replaceAll("^id=(\\d+) .*", "$1");
            on.admin().clientKill(KillArgs.Builder.id(Long.parseLong(id)));
        }
    }

    /** The length of the fault itself; nothing is waited for here. */
    static void rest(Random random, int millisMax) {
        try {
            TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(millisMax));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in the middle of a fault", e);
        }
    }
}
