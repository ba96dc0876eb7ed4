package dev.tidemark.servers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.gaul.shaded.org.eclipse.jetty.http.HttpHeader;
import org.gaul.shaded.org.eclipse.jetty.io.Content;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;

/** An answer of S3 to a request that is not carried out. */
record S3Refusal(int status, String code, String message) {

    /** Reads what the request carries first: a client that still sends it when the connection is closed hears no answer. */
    void send(Request request, Response response, Callback callback) {
        Content.Source.consumeAll(request, Callback.from(() -> answer(response, callback), callback::failed));
    }

    private void answer(Response response, Callback callback) {
        String body = """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>%s</Code><Message>%s</Message></Error>
                """.formatted(code, message);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/xml");
        response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
    }
}
