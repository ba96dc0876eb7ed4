package dev.tidemark.archive;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Zstandard for Parquet's pages without Hadoop's codecs, which would bring Hadoop's whole tree along. */
public final class ZstdCodec implements CompressionCodecFactory {
    private static final int LEVEL = 1;

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName name) {
        require(name);
        return new Compressor();
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
        require(name);
        return new Decompressor();
    }

    private static void require(CompressionCodecName name) {
        if (name != CompressionCodecName.ZSTD) {
            throw new IllegalArgumentException("segments are compressed with ZSTD, not with " + name);
        }
    }

    @Override
    public void release() {}

    private static final class Compressor implements BytesInputCompressor {
        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            ByteBuffer plain = page.toByteBuffer(HeapByteBufferAllocator.getInstance(), released -> {});
            byte[] into = new byte[Math.toIntExact(Zstd.compressBound(plain.remaining()))];
            int from = plain.arrayOffset() + plain.position();
            long length = Zstd.compressByteArray(into, 0, into.length, plain.array(), from, plain.remaining(), LEVEL);
            if (Zstd.isError(length)) {
                throw new IOException("a page does not compress: " + Zstd.getErrorName(length));
            }
            return BytesInput.from(into, 0, (int) length);
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public void release() {}
    }

    private static final class Decompressor implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput page, int size) throws IOException {
            ByteBuffer packed = page.toByteBuffer(HeapByteBufferAllocator.getInstance(), released -> {});
            int from = packed.arrayOffset() + packed.position();
            return BytesInput.from(decompressed(packed.array(), from, packed.remaining(), size));
        }

        @Override
        public void decompress(ByteBuffer from, int compressedSize, ByteBuffer into, int size) throws IOException {
            byte[] page = new byte[compressedSize];
            from.get(page);
            into.put(decompressed(page, 0, compressedSize, size));
        }

        private static byte[] decompressed(byte[] page, int from, int length, int size) throws IOException {
            byte[] plain = new byte[size];
            try {
                long found = Zstd.decompressByteArray(plain, 0, size, page, from, length);
                if (found != size) {
                    throw new IOException("a page has %d bytes and not %d".formatted(found, size));
                }
            } catch (ZstdException e) {
                throw new IOException("a page does not decompress: " + e.getMessage(), e);
            }
            return plain;
        }

        @Override
        public void release() {}
    }
}
