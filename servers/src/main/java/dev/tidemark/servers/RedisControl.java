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

/** A connection just good enough to look after a server: a command, an answer that is no array. */
final class RedisControl implements AutoCloseable {
    private static final int REPLY_BYTES_MAX = 1 << 20;

    private final Socket socket;
    private final InputStream in;

    private RedisControl(Socket socket, InputStream in) {
        this.socket = socket;
        this.in = in;
    }

    static RedisControl open(int port, Duration limit) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) limit.toMillis());
            socket.connect(new InetSocketAddress(FreePort.loopback(), port), (int) limit.toMillis());
            return new RedisControl(socket, new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** The answer as text; an error answer is thrown. */
    String call(String... words) throws IOException {
        ByteArrayOutputStream command = new ByteArrayOutputStream();
        command.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            command.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            command.writeBytes(bytes);
            command.writeBytes(new byte[] {'\r', '\n'});
        }
        command.writeTo(socket.getOutputStream());
        socket.getOutputStream().flush();
        return reply(words[0]);
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

    private String reply(String command) throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '$' -> bulk(Integer.parseInt(rest));
            default -> throw new IOException("%s was answered with %s".formatted(command, line));
        };
    }

    private String bulk(int length) throws IOException {
        if (length < 0 || length > REPLY_BYTES_MAX) {
            throw new IOException("an answer of %d bytes".formatted(length));
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length != length + 2) {
            throw new EOFException("the answer ended early");
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
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
