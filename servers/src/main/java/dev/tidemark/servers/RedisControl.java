package dev.tidemark.servers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A connection just good enough to look after a server: a command, an answer that is a text or a flat list. */
final class RedisControl implements AutoCloseable {
    private static final int REPLY_BYTES_MAX = 1 << 20;
    private static final int REPLY_ELEMENTS_MAX = 10_000;

    private final Socket socket;
    private final InputStream in;

    private RedisControl(Socket socket, InputStream in) {
        this.socket = socket;
        this.in = in;
    }

    static RedisControl open(int port, Duration limit) throws IOException {
        Socket socket = connect(port, limit);
        try {
            return new RedisControl(socket, new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    static RedisControl openTls(int port, Duration limit, SSLContext trust) throws IOException {
        Socket plain = connect(port, limit);
        try {
            Socket socket = trust.getSocketFactory()
                    .createSocket(plain, FreePort.loopback().getHostAddress(), port, true);
            return new RedisControl(socket, new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    /** For each further answer. */
    void limit(Duration each) throws IOException {
        socket.setSoTimeout((int) each.toMillis());
    }

    /** The answer as text; an error answer is thrown. */
    String call(String... words) throws IOException {
        return call(bytes(words));
    }

    /** As above, for keys of any bytes. */
    String call(List<byte[]> words) throws IOException {
        send(words);
        return text(words);
    }

    /** An answer that is a list of texts, as bytes, for keys may be anything. */
    List<byte[]> list(String... words) throws IOException {
        List<byte[]> command = bytes(words);
        send(command);
        String line = line();
        if (line.charAt(0) != '*') {
            throw unexpected(command, line);
        }
        int elements = Integer.parseInt(line.substring(1));
        if (elements < 0 || elements > REPLY_ELEMENTS_MAX) {
            throw new IOException("an answer of %d elements".formatted(elements));
        }
        List<byte[]> all = new ArrayList<>(elements);
        for (int element = 0; element < elements; element++) {
            String head = line();
            if (head.charAt(0) != '$') {
                throw unexpected(command, head);
            }
            all.add(bulk(Integer.parseInt(head.substring(1))));
        }
        return all;
    }

    /** One line of an INFO section, as {@code redis_version}. */
    String info(String section, String field) throws IOException {
        return call("INFO", section)
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new IOException("INFO %s has no %s".formatted(section, field)));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static List<byte[]> bytes(String... words) {
        return Arrays.stream(words)
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static Socket connect(int port, Duration limit) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) limit.toMillis());
            socket.connect(new InetSocketAddress(FreePort.loopback(), port), (int) limit.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void send(List<byte[]> words) throws IOException {
        ByteArrayOutputStream command = new ByteArrayOutputStream();
        command.writeBytes(("*" + words.size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : words) {
            command.writeBytes(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            command.writeBytes(word);
            command.writeBytes(new byte[] {'\r', '\n'});
        }
        command.writeTo(socket.getOutputStream());
        socket.getOutputStream().flush();
    }

    private String text(List<byte[]> command) throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '$' -> new String(bulk(Integer.parseInt(rest)), StandardCharsets.UTF_8);
            default -> throw unexpected(command, line);
        };
    }

    private static IOException unexpected(List<byte[]> command, String line) {
        return new IOException(
                "%s was answered with %s".formatted(new String(command.get(0), StandardCharsets.UTF_8), line));
    }

    private byte[] bulk(int length) throws IOException {
        if (length < 0 || length > REPLY_BYTES_MAX) {
            throw new IOException("an answer of %d bytes".formatted(length));
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length != length + 2) {
            throw new EOFException("the answer ended early");
        }
        return Arrays.copyOf(bytes, length);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.size() > REPLY_BYTES_MAX) {
                throw new EOFException("the connection ended instead of an answer");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
        if (text.isEmpty()) {
            throw new IOException("an empty answer");
        }
        return text;
    }
}
