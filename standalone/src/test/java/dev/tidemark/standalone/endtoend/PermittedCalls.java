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
            boolean lists = call.action().equals("s3:ListBucket");
            JsonNode patterns = lists ? statement.at("/Condition/StringLike/s3:prefix") : statement.get("Resource");
            String asked = lists ? call.key() : "arn:aws:s3:::" + bucket + "/" + call.key();
            for (JsonNode pattern : patterns) {
                String glob = "\\Q" + pattern.asText().replace("*", "\\E.*\\Q") + "\\E";
                if (contains(statement.get("Action"), call.action()) && asked.matches(glob)) {
                    return true;
                }
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
