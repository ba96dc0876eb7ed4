package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreOptions;
import java.util.Optional;

/** What somebody may lose by a restore. */
interface Stake {
    /** In a sentence; empty where the options allow no loss. */
    Optional<String> lost(RestoreOptions options);

    /** Of a file or an object, which is no captured source. */
    static Stake ofSnapshot(String address) {
        return options -> options.replace()
                ? Optional.of("%s is replaced, if it is there, once the new snapshot is whole.".formatted(address))
                : Optional.empty();
    }

    /** Of what is written key by key. */
    static Stake ofServer(String address) {
        return options -> switch (options.existing()) {
            case REFUSE -> inPlace(address, options);
            case REPLACE ->
                Optional.of("%s: every key in all its databases is deleted, once the archive is validated%s.%s"
                        .formatted(
                                address,
                                options.part().isWhole() ? "" : " and unless another part has done that already",
                                source(options)));
            case MERGE ->
                Optional.of("%s: the keys of the restore that it holds are written over, all others stay.%s"
                        .formatted(address, source(options)));
        };
    }

    /** Of what loads a snapshot of ours in place of all that it has. */
    static Stake ofReplica(String who) {
        return options -> options.replace()
                ? Optional.of("%s: every key that it holds is deleted when it loads the restore.%s"
                        .formatted(who, source(options)))
                : inPlace(who, options);
    }

    private static Optional<String> inPlace(String who, RestoreOptions options) {
        return options.inPlace() ? Optional.of(who + ":" + source(options)) : Optional.empty();
    }

    private static String source(RestoreOptions options) {
        return options.inPlace() ? " It may be the captured source itself (--in-place)." : "";
    }
}
