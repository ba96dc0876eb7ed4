package dev.tidemark.servers;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands before a real Redis server and answers some commands itself, as a module that is not there would: everything else
 * passes. Such a command is not to be sent before the answers to earlier ones of its connection have come.
 */
public final class AnsweringProxy implements AutoCloseable {
    /** Says what a command is answered with. */
    public interface Answers {
        /**
         * Called for one command at a time.
         *
         * @param words of the command, the first in capitals
         * @return text, a {@link Long}, a list of these, or an {@link Refusal}; empty if it is for the server
         */
        Optional<Object> to(List<String> words);
    }

    /** What is answered as an error reply. */
    public record Refusal(String message) {}

    private final RedisServer redis;
    private final Answers answers;
    private final ServerSocket listener;
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private AnsweringProxy(RedisServer redis, Answers answers) throws IOException {
        this.redis = redis;
        this.answers = answers;
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(FreePort.loopback(), 0));
    }

    public static AnsweringProxy before(RedisServer redis, Answers answers) {
        try {
            AnsweringProxy proxy = new AnsweringProxy(redis, answers);
            daemon(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("the proxy cannot listen", e);
        }
    }

    public URI uri() {
        return URI.create("redis://127.0.0.1:" + listener.getLocalPort());
    }

    /** The names of all commands so far, in capitals and in their order, whoever answered them. */
    public List<String> commands() {
        return List.copyOf(commands);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket server = new Socket(FreePort.loopback(), redis.port());
            sockets.addAll(List.of(client, server));
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            OutputStream toClient = client.getOutputStream();
            daemon(() -> {
                try (client;
                        server) {
                    copy(server.getInputStream(), toClient);
                }
            });
            daemon(() -> {
                try (client;
                        server) {
                    read(client, server, toClient);
                }
            });
        }
    }

    private void read(Socket client, Socket server, OutputStream toClient) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
        OutputStream toServer = new BufferedOutputStream(server.getOutputStream());
        while (true) {
            List<byte[]> words = command(in);
            List<String> texts = new ArrayList<>();
            for (byte[] word : words) {
                texts.add(new String(word, StandardCharsets.ISO_8859_1));
            }
            texts.set(0, texts.get(0).toUpperCase(Locale.ROOT));
            Optional<Object> answer;
            synchronized (answers) {
                commands.add(texts.get(0));
                answer = answers.to(texts);
            }
            if (answer.isPresent()) {
                ByteArrayOutputStream reply = new ByteArrayOutputStream();
                write(answer.get(), reply);
                send(reply.toByteArray(), reply.size(), toClient);
            } else {
                write(words, toServer);
                if (in.available() == 0) {
                    toServer.flush();
                }
            }
        }
    }

    private static List<byte[]> command(DataInputStream in) throws IOException {
        List<byte[]> words = new ArrayList<>();
        for (int left = number(in, '*'); left > 0; left--) {
            byte[] word = new byte[number(in, '$')];
            in.readFully(word);
            in.skipNBytes(2);
            words.add(word);
        }
        return words;
    }

    private static int number(DataInputStream in, char kind) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.readUnsignedByte(); octet != '\n'; octet = in.readUnsignedByte()) {
            line.append((char) octet);
        }
        if (line.charAt(0) != kind) {
            throw new IOException("a client sent what is no command");
        }
        return Integer.parseInt(line.substring(1).strip());
    }

    private static void write(Object answer, OutputStream out) throws IOException {
        if (answer instanceof List<?> list) {
            out.write(("*" + list.size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
            for (Object each : list) {
                write(each, out);
            }
        } else if (answer instanceof Long number) {
            out.write((":" + number + "\r\n").getBytes(StandardCharsets.US_ASCII));
        } else if (answer instanceof Refusal refusal) {
            out.write(("-" + refusal.message() + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        } else {
            byte[] bytes =
                    answer instanceof byte[] word ? word : answer.toString().getBytes(StandardCharsets.ISO_8859_1);
            out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(bytes);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            send(buffer, read, to);
        }
    }

    private static void send(byte[] bytes, int length, OutputStream to) throws IOException {
        synchronized (to) {
            to.write(bytes, 0, length);
            to.flush();
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // By the other side, or by us.
                    }
                },
                "answering-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the proxy cannot be closed", e);
        }
    }
}
