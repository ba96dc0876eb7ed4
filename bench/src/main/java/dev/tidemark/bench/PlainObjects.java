package dev.tidemark.bench;

import java.util.List;

/** Records one after the other, as they are. */
final class PlainObjects implements ObjectMaking {
    private byte[] object = new byte[0];

    @Override
    public void put(List<byte[]> records, RawBucket bucket) {
        int length = records.stream().mapToInt(record -> record.length).sum();
        object = object.length < length ? new byte[length] : object;
        int used = 0;
        for (byte[] record : records) {
            System.arraycopy(record, 0, object, used, record.length);
            used += record.length;
        }
        bucket.put(object, length);
    }
}
