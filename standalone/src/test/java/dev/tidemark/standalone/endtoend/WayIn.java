package dev.tidemark.standalone.endtoend;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.restorer.ReplicationPort;
import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How what was backed up comes back, in place of what its target holds. */
interface WayIn {
    RestoreOptions REPLACING = RestoreOptions.careful().replacing();

    RestoreReport restore(Restorer restorer, RestorePlan plan);

    /** Of what the target holds now. */
    Verdict judge(Oracle oracle, Instant at, Duration lag);

    /** Into one server. */
    interface IntoAServer extends WayIn {
        RedisServer target();

        @Override
        default Verdict judge(Oracle oracle, Instant at, Duration lag) {
            return oracle.check(target().uri(), at, lag);
        }
    }

    record KeyByKey(RedisServer target) implements IntoAServer {
        @Override
        public RestoreReport restore(Restorer restorer, RestorePlan plan) {
            return restorer.restore(plan, RestoreTarget.at(target.uri()), REPLACING, RestoreListener.silent());
        }
    }

    record AsItsSnapshot(RedisServer target) implements IntoAServer {
        @Override
        public RestoreReport restore(Restorer restorer, RestorePlan plan) {
            target.kill();
            RestoreFile snapshot = new RestoreFile(target.directory().resolve("dump.rdb"));
            RestoreReport report = restorer.restore(plan, snapshot, REPLACING, RestoreListener.silent());
            target.restart(true);
            return report;
        }
    }

    record AsItsPrimary(RedisServer target) implements IntoAServer {
        @Override
        public RestoreReport restore(Restorer restorer, RestorePlan plan) {
            ReplicationPort port = new ReplicationPort(
                    "127.0.0.1",
                    FreePort.next(),
                    Optional.empty(),
                    Optional.of(RestoreTarget.at(target.uri())),
                    Optional.empty(),
                    Optional.empty());
            return restorer.restore(plan, port, REPLACING, RestoreListener.silent());
        }
    }

    /** All of whose primaries are filled by the address of one of them. */
    record IntoACluster(RedisCluster target) implements WayIn {
        @Override
        public RestoreReport restore(Restorer restorer, RestorePlan plan) {
            RestoreTarget any = RestoreTarget.at(target.uris().get(0));
            return restorer.restore(plan, any, REPLACING, RestoreListener.silent());
        }

        @Override
        public Verdict judge(Oracle oracle, Instant at, Duration lag) {
            return oracle.checkCluster(target.uris(), at, lag);
        }
    }
}
