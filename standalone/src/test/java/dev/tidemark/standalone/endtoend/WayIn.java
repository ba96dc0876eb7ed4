package dev.tidemark.standalone.endtoend;

import dev.tidemark.restorer.ReplicationPort;
import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import java.util.Optional;

/** How what was backed up comes into a server, in place of what that one holds. */
enum WayIn {
    KEY_BY_KEY {
        @Override
        RestoreReport restore(Restorer restorer, RestorePlan plan, RedisServer into) {
            return restorer.restore(plan, RestoreTarget.at(into.uri()), REPLACING, RestoreListener.silent());
        }
    },
    AS_ITS_SNAPSHOT {
        @Override
        RestoreReport restore(Restorer restorer, RestorePlan plan, RedisServer into) {
            into.kill();
            RestoreFile snapshot = new RestoreFile(into.directory().resolve("dump.rdb"));
            RestoreReport report = restorer.restore(plan, snapshot, REPLACING, RestoreListener.silent());
            into.restart(true);
            return report;
        }
    },
    AS_ITS_PRIMARY {
        @Override
        RestoreReport restore(Restorer restorer, RestorePlan plan, RedisServer into) {
            ReplicationPort port = new ReplicationPort(
                    "127.0.0.1",
                    FreePort.next(),
                    Optional.empty(),
                    Optional.of(RestoreTarget.at(into.uri())),
                    Optional.empty(),
                    Optional.empty());
            return restorer.restore(plan, port, REPLACING, RestoreListener.silent());
        }
    };

    private static final RestoreOptions REPLACING = RestoreOptions.careful().replacing();

    abstract RestoreReport restore(Restorer restorer, RestorePlan plan, RedisServer into);
}
