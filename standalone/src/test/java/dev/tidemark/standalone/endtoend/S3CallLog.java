package dev.tidemark.standalone.endtoend;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Every request that the SDK sends from this JVM; the SDK finds this class by a file of test resources. */
public final class S3CallLog implements ExecutionInterceptor {
    /** What IAM calls the right to make a request. Requests that are not here are unknown, and fail the test. */
    private static final Map<String, String> ACTIONS = Map.of(
            "PutObject", "s3:PutObject",
            "CreateMultipartUpload", "s3:PutObject",
            "UploadPart", "s3:PutObject",
            "CompleteMultipartUpload", "s3:PutObject",
            "AbortMultipartUpload", "s3:AbortMultipartUpload",
            "GetObject", "s3:GetObject",
            "HeadObject", "s3:GetObject",
            "ListObjectsV2", "s3:ListBucket",
            "ListMultipartUploads", "s3:ListBucketMultipartUploads",
            "DeleteObject", "s3:DeleteObject");

    private static final Set<Call> CALLS = ConcurrentHashMap.newKeySet();

    /**
     * One request.
     *
     * @param port that it was sent to
     * @param key of an object, or the prefix of a listing
     */
    public record Call(int port, String action, String key) {}

    public static List<Call> to(int port) {
        return CALLS.stream().filter(call -> call.port() == port).toList();
    }

    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        String operation = context.request().getClass().getSimpleName().replaceFirst("Request$", "");
        String key = context.request()
                .getValueForField("Key", String.class)
                .or(() -> context.request().getValueForField("Prefix", String.class))
                .orElse("");
        CALLS.add(new Call(context.httpRequest().port(), ACTIONS.getOrDefault(operation, operation), key));
    }
}
