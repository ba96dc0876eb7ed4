package dev.tidemark.servers;

import java.nio.ByteBuffer;
import java.util.Map;
import org.gaul.shaded.org.eclipse.jetty.io.EofException;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;
import org.gaul.shaded.org.eclipse.jetty.util.Fields;

/** Stands before S3Proxy in its own server: sees each request first and can keep its answer back. */
final class S3FaultHandler extends Handler.Wrapper {
    private static final Map<Integer, String> CODES = Map.of(
            // Ceph's answer to a checksum that it does not know.
            400, "XAmzContentSHA256Mismatch",
            403, "AccessDenied",
            404, "NoSuchKey",
            409, "ConditionalRequestConflict",
            412, "PreconditionFailed",
            429, "TooManyRequests",
            500, "InternalError",
            503, "SlowDown");

    private final S3Faults faults;
    private final String bucketPath;

    S3FaultHandler(Handler s3, S3Faults faults, String bucket) {
        super(s3);
        this.faults = faults;
        this.bucketPath = "/" + bucket;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        S3Faults.Effect effect = faults.meet(request.getMethod(), key(request));
        return switch (effect.kind()) {
            case NONE, DELAY -> super.handle(request, response, callback);
            case HIDE -> {
                response.getHeaders().put("x-amz-delete-marker", "true");
                yield super.handle(request, response, callback);
            }
            case REFUSE -> refuse(effect.status(), request, response, callback);
            case LOSE_REQUEST -> {
                cut(request, callback);
                yield true;
            }
            case LOSE_ANSWER ->
                super.handle(request, new SwallowedResponse(request, response), new Cut(request, callback));
        };
    }

    private String key(Request request) {
        String path = Request.getPathInContext(request);
        if (path.startsWith(bucketPath + "/") && path.length() > bucketPath.length() + 1) {
            return path.substring(bucketPath.length() + 1);
        }
        Fields.Field prefix = Request.extractQueryParameters(request).get("prefix");
        return prefix == null ? "" : prefix.getValue();
    }

    private static boolean refuse(int status, Request request, Response response, Callback callback) {
        new S3Refusal(status, CODES.getOrDefault(status, "InjectedFault"), "injected fault")
                .send(request, response, callback);
        return true;
    }

    private static void cut(Request request, Callback callback) {
        // The server's quiet exception: a fault that was ordered is no warning in its log.
        EofException reason = new EofException("connection cut by an injected fault");
        request.getConnectionMetaData().getConnection().getEndPoint().close(reason);
        callback.failed(reason);
    }

    /** Takes the answer and keeps it. */
    private static final class SwallowedResponse extends Response.Wrapper {
        private volatile boolean committed;
        private volatile boolean last;

        SwallowedResponse(Request request, Response response) {
            super(request, response);
        }

        @Override
        public boolean isCommitted() {
            return committed;
        }

        @Override
        public boolean hasLastWrite() {
            return last;
        }

        @Override
        public void write(boolean isLast, ByteBuffer content, Callback callback) {
            committed = true;
            last |= isLast;
            if (content != null) {
                content.position(content.limit());
            }
            callback.succeeded();
        }
    }

    /** Runs when the request was carried out: only then is the connection cut. */
    private record Cut(Request request, Callback callback) implements Callback {
        @Override
        public void succeeded() {
            cut(request, callback);
        }

        @Override
        public void failed(Throwable reason) {
            cut(request, callback);
        }
    }
}
