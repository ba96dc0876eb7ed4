package dev.tidemark.schemas.redis;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One connection that speaks RESP2: a command out, its answer in, each piece by piece. It holds a few hundred KiB whatever
 * the size of a value.
 *
 * <p>For one thread, but {@link #close} may come from any and ends what the other waits for. After an {@link IOException}
 * other than {@link RedisRefused} nobody knows where in an answer the connection stands: close it.
 */
public final class RedisSocket implements AutoCloseable {
    /** Who says nothing for longer may be hung up on: by a server with a {@code timeout}, or by a network in between. */
    public static final Duration QUIET_MAX = Duration.ofSeconds(1);

    private static final int BUFFER_BYTES = 128 << 10;
    private static final int LINE_BYTES_MAX = 64 << 10;
    /** One character, a number of 19 digits, and the line's end. */
    private static final int COUNT_BYTES_MAX = 22;

    private static final byte[] LINE_END = {'\r', '\n'};
    private static final long NUMBER_MAX = Long.MAX_VALUE / 10 - 1;

    private final Socket plain;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] count = new byte[COUNT_BYTES_MAX];
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;

    /** @param plain the same, or what TLS is spoken over */
    private RedisSocket(Socket socket, Socket plain, Duration silenceMax) throws IOException {
        this.plain = plain;
        this.in = socket.getInputStream();
        this.out =
                new BufferedOutputStream(new BoundedWrites(plain, socket.getOutputStream(), silenceMax), BUFFER_BYTES);
    }

    /** Connects, logs in and selects the database. */
    public static RedisSocket open(RedisAddress address, int db) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setSoTimeout(Math.toIntExact(address.silenceMax().toMillis()));
            socket.connect(
                    new InetSocketAddress(address.host(), address.port()),
                    Math.toIntExact(address.connectTimeout().toMillis()));
            RedisSocket redis =
                    new RedisSocket(address.tls() ? secured(socket, address) : socket, socket, address.silenceMax());
            redis.enter(address, db);
            return redis;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static SSLSocket secured(Socket plain, RedisAddress address) throws IOException {
        SSLSocket secured = (SSLSocket)
                TrustedCertificates.sockets(address.caFile()).createSocket(plain, address.host(), address.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private void enter(RedisAddress address, int db) throws IOException {
        if (address.password().isPresent()) {
            byte[] password = utf8(address.password().get().reveal());
            if (address.username().isPresent()) {
                send(utf8("AUTH"), utf8(address.username().get()), password);
            } else {
                send(utf8("AUTH"), password);
            }
            line();
        }
        if (db != 0) {
            call("SELECT", Integer.toString(db));
        }
    }

    /** A command of plain words, and its answer, which is one line. */
    public String call(String... words) throws IOException {
        begin(words.length);
        for (String word : words) {
            word(utf8(word));
        }
        flush();
        return line();
    }

    /** Takes what is to be done next, and keeps the connection until it comes. No answer may be awaited meanwhile. */
    public <T> T next(BlockingQueue<T> work) throws IOException, InterruptedException {
        while (true) {
            T next = work.poll(QUIET_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (next != null) {
                return next;
            }
            stayOnTheLine();
        }
    }

    /** Says something, so that nobody hangs up; no answer may be awaited. */
    public void stayOnTheLine() throws IOException {
        try {
            call("PING");
        } catch (RedisRefused heard) {
            // By a busy server, or one that does not let us: it will not hang up either.
        }
    }

    /** A whole command. */
    public void send(byte[]... words) throws IOException {
        begin(words.length);
        for (byte[] word : words) {
            word(word);
        }
        flush();
    }

    /** Begins a command of so many words, which follow. */
    public void begin(int words) throws IOException {
        count('*', words);
    }

    public void word(byte[] word) throws IOException {
        count('$', word.length);
        out.write(word);
        out.write(LINE_END);
    }

    /** A word that is streamed; the content must have exactly that length. */
    public void word(long length, InputStream content) throws IOException {
        count('$', length);
        if (content.transferTo(out) != length) {
            throw new EOFException("a value ended before its length, or after it");
        }
        out.write(LINE_END);
    }

    /** Before each word of each command, so without a text in between. */
    private void count(char kind, long number) throws IOException {
        int from = COUNT_BYTES_MAX - LINE_END.length;
        System.arraycopy(LINE_END, 0, count, from, LINE_END.length);
        long rest = number;
        do {
            count[--from] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        count[--from] = (byte) kind;
        out.write(count, from, COUNT_BYTES_MAX - from);
    }

    /** Commands, or their beginnings, as {@link #encoded} made them. */
    public void raw(byte[] encoded) throws IOException {
        out.write(encoded);
    }

    /**
     * A command as it crosses the wire, to be sent many times.
     *
     * @param missing words that are to follow
     */
    public static byte[] encoded(int missing, String... words) {
        StringBuilder command = new StringBuilder("*" + (words.length + missing) + "\r\n");
        for (String word : words) {
            command.append("$")
                    .append(utf8(word).length)
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        return utf8(command.toString());
    }

    public void flush() throws IOException {
        out.flush();
    }

    /** The first character of the next answer, which is still to be read: its kind. */
    public char kind() throws IOException {
        char kind = (char) octet();
        at--;
        return kind;
    }

    public long integer() throws IOException {
        return number(':');
    }

    /** How long the value is that comes next, or -1 for none; its content is then to be taken or skipped. */
    public long length() throws IOException {
        return number('$');
    }

    /** The content of a value of that length. */
    public byte[] content(int length) throws IOException {
        byte[] content = new byte[length];
        int filled = Math.min(length, end - at);
        System.arraycopy(buffer, at, content, 0, filled);
        at += filled;
        while (filled < length) {
            int read = in.read(content, filled, length - filled);
            if (read < 0) {
                throw ended();
            }
            filled += read;
        }
        requireEnd();
        return content;
    }

    public void skipContent(long length) throws IOException {
        for (long rest = length; rest > 0; ) {
            int skipped = (int) Math.min(rest, available());
            at += skipped;
            rest -= skipped;
        }
        requireEnd();
    }

    /** Leaves out the next answer, whatever it is. */
    public void skip() throws IOException {
        char kind = kind();
        if (kind == '$') {
            long length = length();
            if (length >= 0) {
                skipContent(length);
            }
        } else if (kind == '*') {
            for (int left = array(); left > 0; left--) {
                skip();
            }
        } else {
            header();
        }
    }

    /** An answer of one line: a status or a number. An error reply is thrown. */
    public String line() throws IOException {
        String header = header();
        if (header.charAt(0) == '+' || header.charAt(0) == ':') {
            return header.substring(1);
        }
        throw unexpected(header);
    }

    /** How many answers follow, or -1 for none at all. */
    public int array() throws IOException {
        return Math.toIntExact(number('*'));
    }

    /** Streams one value into the sink, and says its length, or -1 for no value. */
    public long bulk(OutputStream sink) throws IOException {
        long length = number('$');
        if (length < 0) {
            return -1;
        }
        for (long rest = length; rest > 0; ) {
            int read = (int) Math.min(rest, available());
            sink.write(buffer, at, read);
            at += read;
            rest -= read;
        }
        requireEnd();
        return length;
    }

    /** A value that is known to be short. */
    public String text() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        return bulk(text) < 0 ? "" : text.toString(StandardCharsets.UTF_8);
    }

    /**
     * Empty lines, by which a server that prepares an answer shows that it lives.
     *
     * @param alive called for each of them
     */
    public void skipEmptyLines(Runnable alive) throws IOException {
        while (octet() == '\n') {
            alive.run();
        }
        at--;
    }

    /** The next line whatever it is, without what it ends with. An error reply is thrown. */
    public String anyLine() throws IOException {
        String header = header();
        if (header.charAt(0) == '-') {
            throw unexpected(header);
        }
        return header;
    }

    /** Everything that comes from here on, where what follows is no answer of the protocol any more. */
    public InputStream rest() {
        return new Rest();
    }

    private final class Rest extends InputStream {
        @Override
        public int read() throws IOException {
            return octet();
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (at == end) {
                return in.read(bytes, from, length);
            }
            int taken = Math.min(length, end - at);
            System.arraycopy(buffer, at, bytes, from, taken);
            at += taken;
            return taken;
        }
    }

    private long number(char kind) throws IOException {
        if (kind() != kind) {
            throw unexpected(header());
        }
        at++;
        int octet = octet();
        boolean negative = octet == '-';
        long number = 0;
        for (octet = negative ? octet() : octet; octet != '\r'; octet = octet()) {
            if (octet < '0' || octet > '9' || number > NUMBER_MAX) {
                throw notOfTheProtocol();
            }
            number = number * 10 + octet - '0';
        }
        if (octet() != '\n') {
            throw notOfTheProtocol();
        }
        return negative ? -number : number;
    }

    private static IOException unexpected(String header) {
        return header.charAt(0) == '-'
                ? new RedisRefused(header.substring(1))
                : new IOException("Redis sent an answer of another kind: '" + header.charAt(0) + "'");
    }

    private String header() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = octet(); octet != '\r'; octet = octet()) {
            line.write(octet);
            if (line.size() > LINE_BYTES_MAX) {
                throw new IOException("Redis sent a line that does not end");
            }
        }
        if (octet() != '\n' || line.size() == 0) {
            throw notOfTheProtocol();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private int octet() throws IOException {
        available();
        return buffer[at++] & 0xff;
    }

    /** How many bytes are in the buffer, which is filled if there are none. */
    private int available() throws IOException {
        if (at == end) {
            int read = in.read(buffer);
            if (read < 0) {
                throw ended();
            }
            at = 0;
            end = read;
        }
        return end - at;
    }

    private void requireEnd() throws IOException {
        if (octet() != '\r' || octet() != '\n') {
            throw new IOException("Redis sent a value of another length than it said");
        }
    }

    private static IOException notOfTheProtocol() {
        return new IOException("Redis sent a line that is none of its protocol");
    }

    private static EOFException ended() {
        return new EOFException("Redis closed the connection");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Without the farewell of TLS, which would wait for a write that a peer does not take. */
    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException alreadyGone) {
            // Whatever it was about to say, nobody waits for it any more.
        }
    }
}
