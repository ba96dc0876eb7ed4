package dev.tidemark.bench;

import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A sink of parquet-avro: takes the newest rows of a log to S3 whenever it is asked, and tells how long that took. */
final class AvroSinkMain {
    private AvroSinkMain() {}

    /**
     * What this program is to be given.
     *
     * @param compactor the arguments of {@link CompactMain}
     */
    static List<String> arguments(List<String> compactor, int rowsAShard) {
        List<String> arguments = new ArrayList<>(compactor);
        arguments.add(Integer.toString(rowsAShard));
        return arguments;
    }

    /** With {@link #arguments}. */
    public static void main(String[] args) throws IOException {
        List<String> arguments = List.of(args);
        Settings settings = CompactMain.settings(arguments);
        int rowsAShard = Integer.parseInt(arguments.get(arguments.size() - 1));
        try (SerialSink sink = new SerialSink(settings, AvroObjects::new)) {
            while (System.in.read() >= 0) {
                long end = sink.end();
                long began = System.nanoTime();
                sink.copy(end - rowsAShard, end);
                double seconds = (System.nanoTime() - began) / 1e9;
                sink.clear();
                ChildJvm.say(Double.toString(seconds));
            }
        }
    }
}
