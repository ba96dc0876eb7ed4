package dev.tidemark.archive;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes to be uploaded, with their SHA-256. Kept in blocks, so that growing never copies what is already there and a
 * segment takes its size in memory and not a multiple of it.
 */
final class ObjectBody {
    private static final int BLOCK_BYTES = 1 << 17;

    private final List<byte[]> blocks;
    private final int lastBlockBytes;
    private final byte[] sha256;

    private ObjectBody(List<byte[]> blocks, int lastBlockBytes, byte[] sha256) {
        this.blocks = List.copyOf(blocks);
        this.lastBlockBytes = lastBlockBytes;
        this.sha256 = sha256;
    }

    static ObjectBody of(byte[] bytes) {
        return new ObjectBody(List.of(bytes), bytes.length, newSha256().digest(bytes));
    }

    long sizeBytes() {
        long size = 0;
        for (int i = 0; i < blocks.size(); i++) {
            size += bytesIn(i);
        }
        return size;
    }

    byte[] sha256() {
        return sha256.clone();
    }

    String sha256Hex() {
        return HexFormat.of().formatHex(sha256);
    }

    /** From the beginning, as often as it is asked for. */
    InputStream open() {
        List<InputStream> parts = new ArrayList<>(blocks.size());
        for (int i = 0; i < blocks.size(); i++) {
            parts.add(new ByteArrayInputStream(blocks.get(i), 0, bytesIn(i)));
        }
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    private int bytesIn(int block) {
        return block == blocks.size() - 1 ? lastBlockBytes : blocks.get(block).length;
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Takes the bytes as they come. */
    static final class Sink extends OutputStream {
        private final List<byte[]> blocks = new ArrayList<>(List.of(new byte[BLOCK_BYTES]));
        private final MessageDigest digest = newSha256();
        private int used;
        private long written;

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            digest.update(bytes, from, length);
            written += length;
            int rest = length;
            while (rest > 0) {
                if (used == BLOCK_BYTES) {
                    blocks.add(new byte[BLOCK_BYTES]);
                    used = 0;
                }
                int part = Math.min(rest, BLOCK_BYTES - used);
                System.arraycopy(bytes, from + length - rest, blocks.get(blocks.size() - 1), used, part);
                used += part;
                rest -= part;
            }
        }

        long written() {
            return written;
        }

        ObjectBody body() {
            // The last block of a small file need not stay a whole one.
            byte[] last = Arrays.copyOf(blocks.get(blocks.size() - 1), used);
            blocks.set(blocks.size() - 1, last);
            return new ObjectBody(blocks, used, digest.digest());
        }
    }
}
