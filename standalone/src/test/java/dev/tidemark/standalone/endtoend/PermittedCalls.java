package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.standalone.policy.Service;
import java.util.List;

/** What a service asked of S3, held against the rights that are printed for it. */
public final class PermittedCalls {
    private PermittedCalls() {}

    /**
     * Compares.
     *
     * @param policy as {@code tidemark policy -o json} prints it
     */
    public static void requireAll(JsonNode policy, Service service, List<S3CallLog.Call> calls, String bucket) {
        JsonNode statements = policy.at("/s3/" + service.spoken() + "/Statement");
        assertThat(calls).as(service.spoken()).isNotEmpty();
        assertThat(calls).as(statements.toPrettyString()).allMatch(call -> isPermitted(statements, call, bucket));
    }

    private static boolean isPermitted(JsonNode statements, S3CallLog.Call call, String bucket) {
        for (JsonNode statement : statements) {
            if (contains(statement.get("Action"), call.action()) && isMeant(statement, call, bucket)) {
                return true;
            }
        }
        return false;
    }

    /** A listing is of the bucket, and bounded by its prefix where the statement has a condition. */
    private static boolean isMeant(JsonNode statement, S3CallLog.Call call, String bucket) {
        String arn = "arn:aws:s3:::" + bucket;
        if (!call.action().startsWith("s3:ListBucket")) {
            return matches(statement.get("Resource"), arn + "/" + call.key());
        }
        JsonNode prefixes = statement.at("/Condition/StringLike/s3:prefix");
        return matches(statement.get("Resource"), arn)
                && (!statement.has("Condition") || matches(prefixes, call.key()));
    }

    private static boolean matches(JsonNode patterns, String asked) {
        for (JsonNode pattern : patterns) {
            if (asked.matches("\\Q" + pattern.asText().replace("*", "\\E.*\\Q") + "\\E")) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(JsonNode list, String text) {
        for (JsonNode each : list) {
            if (each.asText().equals(text)) {
                return true;
            }
        }
        return false;
    }
}
