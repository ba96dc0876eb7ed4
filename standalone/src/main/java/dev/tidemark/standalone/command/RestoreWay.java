package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.Restorer;
import java.util.Optional;

/**
 * One of the ways in.
 *
 * @param address what is filled, for messages
 * @param isKeyByKey whether each key is written by a command of its own
 * @param stake what may be lost there
 * @param left where a stopped restore is left to clean up, and how
 * @param nextStep what the operator does when it is done
 */
record RestoreWay(String address, boolean isKeyByKey, Stake stake, String left, Optional<String> nextStep, Run run) {
    interface Run {
        RestoreReport restore(Restorer restorer, RestorePlan plan, RestoreOptions options, RestoreListener listener);
    }
}
