package dev.tidemark.restorer;

import dev.tidemark.schemas.redis.BoundedWrites;
import dev.tidemark.schemas.settings.Secret;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A primary's side of the conversation with one replica, as far as a full synchronisation needs it. Everything that comes
 * in is bounded: whoever else connects here gets an error or nothing.
 */
final class ReplicaLink implements AutoCloseable {
    private static final Duration HANDSHAKE_SILENCE_MAX = Duration.ofSeconds(30);
    /** How each conversation in TLS begins, and no command. */
    private static final int TLS_HANDSHAKE = 0x16;

    /** A server that loads from its disk says little. */
    private static final Duration LOADING_SILENCE_MAX = Duration.ofMinutes(5);

    private static final int WORDS_MAX = 32;
    private static final int WORD_BYTES_MAX = 4 << 10;
    private static final int HANDSHAKE_COMMANDS_MAX = 100;
    private static final int MARK_BYTES = 20;
    private static final String WITHOUT_PASSWORD =
            "whoever came did not say the password that --serve-password-file names, so give it to the target as"
                    + " masterauth";
    private static final String IN_TLS =
            "whoever came spoke TLS, which a restore does not: say CONFIG SET tls-replication no there until it is"
                    + " done, or restore with --into alone";

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Optional<Secret> password;
    private final String mark;
    private final String replicationId;
    private boolean isIn;
    private Optional<String> refusal = Optional.empty();
    private boolean takesMark;
    private OptionalInt listeningPort = OptionalInt.empty();

    /** @param silenceMax how long it may take to say its next word, if that is less than usual */
    ReplicaLink(Socket socket, Optional<Secret> password, Duration silenceMax) throws IOException {
        this.socket = socket;
        this.password = password;
        this.isIn = password.isEmpty();
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = new BoundedWrites(socket, socket.getOutputStream(), LOADING_SILENCE_MAX);
        this.mark = random();
        this.replicationId = random();
        socket.setSoTimeout(Math.toIntExact(
                Collections.min(List.of(silenceMax, HANDSHAKE_SILENCE_MAX)).toMillis()));
        socket.setTcpNoDelay(true);
    }

    private static String random() {
        byte[] bytes = new byte[MARK_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Answers until the other side asks for a data set; false if it goes away before, or is no replica. */
    boolean awaitSync() throws IOException {
        for (int i = 0; i < HANDSHAKE_COMMANDS_MAX; i++) {
            List<String> words;
            try {
                words = command();
            } catch (EOFException gone) {
                return false;
            }
            String command = words.get(0).toUpperCase(Locale.ROOT);
            if (command.equals("PSYNC") && isIn && takesMark && listeningPort.isPresent()) {
                return true;
            }
            answer(answerTo(command, words));
        }
        return false;
    }

    private String answerTo(String command, List<String> words) {
        if (command.equals("AUTH")) {
            isIn = isIn || isPassword(words.get(words.size() - 1));
            refusal = isIn ? Optional.empty() : Optional.of(WITHOUT_PASSWORD);
            return isIn ? "+OK" : "-WRONGPASS this is not the password of this restore";
        }
        if (!isIn) {
            refusal = Optional.of(WITHOUT_PASSWORD);
            return "-NOAUTH Authentication required.";
        }
        return switch (command) {
            case "PING" -> "+PONG";
            case "REPLCONF" -> configured(words);
            case "PSYNC" -> "-ERR only a replica that says its port and takes diskless snapshots can follow a restore";
            default -> "-ERR this is a Tidemark restore, which a replica can follow and nothing else";
        };
    }

    private String configured(List<String> words) {
        for (int i = 1; i + 1 < words.size(); i += 2) {
            String name = words.get(i).toLowerCase(Locale.ROOT);
            String value = words.get(i + 1);
            if (name.equals("listening-port") && value.matches("\\d{1,5}")) {
                listeningPort = OptionalInt.of(Integer.parseInt(value));
            }
            takesMark |= name.equals("capa") && value.equals("eof");
        }
        return "+OK";
    }

    private boolean isPassword(String said) {
        return MessageDigest.isEqual(
                said.getBytes(StandardCharsets.UTF_8),
                password.orElseThrow().reveal().getBytes(StandardCharsets.UTF_8));
    }

    /** Why it was not let in, and what lets it in, if it is known. */
    Optional<String> refusal() {
        return refusal;
    }

    String host() {
        return socket.getInetAddress().getHostAddress();
    }

    int listeningPort() {
        return listeningPort.orElseThrow();
    }

    /** What follows until {@link #endSnapshot} is the data set. */
    OutputStream beginSnapshot() throws IOException {
        answer("+FULLRESYNC " + replicationId + " 0");
        // Its length is known when it is all there: a mark ends it.
        answer("$EOF:" + mark);
        return out;
    }

    void endSnapshot() throws IOException {
        out.write(mark.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /**
     * Returns when the replica acknowledges, which it does when it has loaded everything. Nothing may be sent before: a
     * replica that keeps the snapshot in a file looks for the mark at the end of what has come.
     */
    void awaitLoaded() throws IOException {
        socket.setSoTimeout(Math.toIntExact(LOADING_SILENCE_MAX.toMillis()));
        while (true) {
            List<String> words = command();
            if (words.size() >= 2
                    && words.get(0).equalsIgnoreCase("REPLCONF")
                    && words.get(1).equalsIgnoreCase("ACK")) {
                return;
            }
        }
    }

    /** Keeps it from believing that we are gone; only once it has loaded. */
    void ping() throws IOException {
        out.write("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void answer(String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private List<String> command() throws IOException {
        String first = line();
        while (first.isEmpty()) {
            // It says no more than that it is still there.
            first = line();
        }
        if (first.charAt(0) != '*') {
            return List.of(first.split(" +", -1));
        }
        int count = number(first, WORDS_MAX);
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = number(line(), WORD_BYTES_MAX);
            byte[] word = in.readNBytes(length);
            if (word.length < length) {
                throw new EOFException("the replica closed the connection");
            }
            line();
            words.add(new String(word, StandardCharsets.UTF_8));
        }
        if (words.isEmpty()) {
            throw new IOException("a command without a word");
        }
        return words;
    }

    private static int number(String line, int max) throws IOException {
        if (!line.matches("[*$]\\d{1,7}") || Integer.parseInt(line.substring(1)) > max) {
            throw new IOException("something that no replica says");
        }
        return Integer.parseInt(line.substring(1));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("the replica closed the connection");
            }
            if (line.length() == WORD_BYTES_MAX) {
                throw new IOException("a line that does not end");
            }
            if (octet == TLS_HANDSHAKE && line.isEmpty()) {
                refusal = Optional.of(IN_TLS);
                throw new IOException(IN_TLS);
            }
            line.append((char) octet);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
