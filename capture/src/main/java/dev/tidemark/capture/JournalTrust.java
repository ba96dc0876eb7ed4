package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.SourceSettings;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Whether a journal can be believed: it tells only what its writers tell, so nothing may be evicted, and nobody else may
 * write.
 */
final class JournalTrust {
    private static final String KEEPS_ALL = "noeviction";

    private final SourceSettings source;
    private final String node;
    private final ForeignWriters foreign;

    JournalTrust(SourceSettings source, String node, Optional<String> username) {
        this.source = source;
        this.node = node;
        this.foreign = new ForeignWriters(source, username.orElse(""));
    }

    /**
     * What a server told.
     *
     * @param policy what it does when memory is full; empty if it does not tell
     * @param showsUsers whether it tells who may write
     * @param foreign users who may, and whom the configuration does not name
     */
    record Judgement(String policy, boolean showsUsers, List<String> foreign) {
        Judgement {
            foreign = List.copyOf(foreign);
        }

        boolean keepsAll() {
            return policy.equals(KEEPS_ALL);
        }
    }

    /** Refuses a server whose journal cannot be believed; blocks. */
    void require(StatefulRedisConnection<byte[], byte[]> connection) {
        Judgement judgement;
        try {
            judgement = judge(connection).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "Redis at %s does not answer while its journal is looked at; capture tries again".formatted(node),
                    e);
        }
        refusal(judgement).ifPresent(why -> {
            throw new TidemarkError(ExitCode.UNREACHABLE, why);
        });
    }

    /** Why a server is refused, if it is. */
    Optional<String> refusal(Judgement judgement) {
        boolean lenient = source.journal().acceptUnproven();
        List<String> why = new ArrayList<>();
        if (judgement.policy().isEmpty() ? !lenient : !judgement.keepsAll()) {
            why.add("maxmemory-policy is %s, and no journal tells of evictions"
                    .formatted(judgement.policy().isEmpty() ? "not told" : judgement.policy()));
        }
        if (!judgement.showsUsers() && !lenient) {
            why.add("ACL LIST is refused, so nobody knows who else writes");
        }
        if (!judgement.foreign().isEmpty()) {
            why.add("%s may write captured keys, and source.journal.writers does not name them"
                    .formatted(String.join(", ", judgement.foreign())));
        }
        return why.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the journal on %s cannot be believed: %s. Nothing is claimed; 'tidemark doctor' says what mends it"
                                .formatted(node, String.join("; ", why)));
    }

    CompletionStage<Judgement> judge(StatefulRedisConnection<byte[], byte[]> connection) {
        CompletionStage<String> policy =
                refusedIsEmpty(connection.async().info("memory").thenApply(JournalTrust::policy), "");
        CompletionStage<List<String>> users = refusedIsEmpty(connection.async().aclList(), List.of());
        return policy.thenCombine(users, (told, shown) -> new Judgement(told, !shown.isEmpty(), foreign.among(shown)))
                .toCompletableFuture()
                // Commands have no limit of their own, and whoever waited for ever would never try again.
                .orTimeout(connection.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String policy(String memory) {
        return new ServerInfo().add(memory.getBytes(StandardCharsets.UTF_8)).text("maxmemory_policy");
    }

    private static <T> CompletionStage<T> refusedIsEmpty(CompletionStage<T> asked, T empty) {
        return asked.exceptionallyCompose(failure -> {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            return cause instanceof RedisCommandExecutionException || failure instanceof RedisCommandExecutionException
                    ? CompletableFuture.completedFuture(empty)
                    : CompletableFuture.failedFuture(failure);
        });
    }
}
