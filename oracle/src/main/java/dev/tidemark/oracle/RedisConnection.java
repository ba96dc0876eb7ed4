package dev.tidemark.oracle;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One blocking RESP2 connection, used by one thread. It never reconnects: whoever holds it must know which of its
 * commands have been answered when it breaks.
 */
final class RedisConnection implements AutoCloseable {
    private static final int PORT_DEFAULT = 6379;
    private static final int BUFFER_BYTES = 1 << 16;
    /** The largest bulk string Redis accepts at its default. */
    private static final int BULK_BYTES_MAX = 512 << 20;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final byte[] inBuffer = new byte[BUFFER_BYTES];
    private int inAt;
    private int inEnd;
    private final byte[] outBuffer = new byte[BUFFER_BYTES];
    private int outEnd;
    private boolean sentAway;
    private boolean toAReplica;

    private RedisConnection(String host, int port, Duration timeout) throws IOException {
        int timeoutMillis = Math.toIntExact(timeout.toMillis());
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.connect(new InetSocketAddress(host, port), timeoutMillis);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException | RuntimeException failed) {
            socket.close();
            throw failed;
        }
    }

    /** Connects, authenticates and selects the database that the URI names. */
    static RedisConnection open(URI uri, Duration timeout) throws IOException {
        int port = uri.getPort() < 0 ? PORT_DEFAULT : uri.getPort();
        RedisConnection connection = new RedisConnection(uri.getHost(), port, timeout);
        try {
            connection.authenticate(uri.getUserInfo());
            connection.call(Command.of("SELECT", databaseOf(uri)));
            return connection;
        } catch (IOException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    static int databaseOf(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath().replace("/", "");
        return path.isEmpty() ? 0 : Integer.parseInt(path);
    }

    private void authenticate(String userInfo) throws IOException {
        if (userInfo == null || userInfo.isEmpty()) {
            return;
        }
        int colon = userInfo.indexOf(':');
        String user = colon <= 0 ? "default" : userInfo.substring(0, colon);
        call(Command.of("AUTH", user, userInfo.substring(colon + 1)));
    }

    /** Sends one command and waits for its reply; an error reply is an exception. */
    Reply call(Command command) throws IOException {
        Reply reply = callAll(List.of(command)).get(0);
        if (reply instanceof Reply.Failure failure) {
            throw new IOException("Redis refused " + command.name() + ": " + failure.message());
        }
        return reply;
    }

    /** Sends all, then waits for all replies; an error reply is a reply. */
    List<Reply> callAll(List<Command> commands) throws IOException {
        for (Command command : commands) {
            send(command);
        }
        flush();
        List<Reply> replies = new ArrayList<>(commands.size());
        for (int i = 0; i < commands.size(); i++) {
            replies.add(receive());
        }
        return replies;
    }

    long timeMicros() throws IOException {
        return microsOf(call(Command.TIME));
    }

    /** The reply of TIME. */
    static long microsOf(Reply time) {
        return Long.parseLong(time.items().get(0).text()) * 1_000_000
                + Long.parseLong(time.items().get(1).text());
    }

    void send(Command command) throws IOException {
        byte[][] words = command.words();
        header('*', words.length);
        for (byte[] word : words) {
            header('$', word.length);
            write(word);
            newline();
        }
    }

    void flush() throws IOException {
        out.write(outBuffer, 0, outEnd);
        outEnd = 0;
    }

    /** Whether a node of a Cluster said that another one is to be asked. */
    boolean wasSentAway() {
        return sentAway;
    }

    /** Whether the server said that it is a replica. */
    boolean isToAReplica() {
        return toAReplica;
    }

    Reply receive() throws IOException {
        int kind = read();
        return switch (kind) {
            case '+' -> new Reply.Text(line());
            case '-' -> failure();
            case ':' -> new Reply.Whole(number());
            case '$' -> bulk();
            case '*' -> array();
            default -> throw new IOException("not RESP2: a reply begins with byte " + kind);
        };
    }

    private Reply failure() throws IOException {
        Reply.Failure failure = new Reply.Failure(new String(line(), StandardCharsets.UTF_8));
        sentAway |= failure.code().equals("MOVED") || failure.code().equals("CLUSTERDOWN");
        toAReplica |= failure.code().equals("READONLY");
        return failure;
    }

    private Reply bulk() throws IOException {
        long length = number();
        if (length < 0) {
            return new Reply.Nil();
        }
        if (length > BULK_BYTES_MAX) {
            throw new IOException("a bulk string of " + length + " bytes is longer than Redis allows");
        }
        byte[] bytes = new byte[(int) length];
        int done = 0;
        while (done < bytes.length) {
            fill();
            int part = Math.min(bytes.length - done, inEnd - inAt);
            System.arraycopy(inBuffer, inAt, bytes, done, part);
            inAt += part;
            done += part;
        }
        read();
        read();
        return new Reply.Text(bytes);
    }

    private Reply array() throws IOException {
        long length = number();
        if (length < 0) {
            return new Reply.Nil();
        }
        List<Reply> items = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            items.add(receive());
        }
        return new Reply.Items(items);
    }

    private long number() throws IOException {
        long value = 0;
        boolean negative = false;
        for (int next = read(); next != '\r'; next = read()) {
            if (next == '-') {
                negative = true;
            } else {
                value = value * 10 + (next - '0');
            }
        }
        read();
        return negative ? -value : value;
    }

    private byte[] line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = read(); next != '\r'; next = read()) {
            line.append((char) next);
        }
        read();
        return line.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private int read() throws IOException {
        fill();
        return inBuffer[inAt++] & 0xff;
    }

    private void fill() throws IOException {
        if (inAt < inEnd) {
            return;
        }
        inAt = 0;
        inEnd = in.read(inBuffer);
        if (inEnd <= 0) {
            inEnd = 0;
            throw new EOFException("Redis closed the connection");
        }
    }

    private void header(char kind, int length) throws IOException {
        put((byte) kind);
        if (length < 10) {
            put((byte) ('0' + length));
        } else {
            write(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
        }
        newline();
    }

    private void newline() throws IOException {
        put((byte) '\r');
        put((byte) '\n');
    }

    private void put(byte value) throws IOException {
        if (outEnd == outBuffer.length) {
            flush();
        }
        outBuffer[outEnd++] = value;
    }

    private void write(byte[] bytes) throws IOException {
        if (bytes.length > outBuffer.length - outEnd) {
            flush();
        }
        if (bytes.length > outBuffer.length) {
            out.write(bytes);
            return;
        }
        System.arraycopy(bytes, 0, outBuffer, outEnd, bytes.length);
        outEnd += bytes.length;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // Closing is all that was wanted.
        }
    }
}
