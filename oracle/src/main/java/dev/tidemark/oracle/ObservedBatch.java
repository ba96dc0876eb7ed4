package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Drafted operations, each in a MULTI of its own that also reads what it left. */
final class ObservedBatch implements Batch {
    private final List<Draft> drafts;
    private final OwnKeys keys;
    private final Observation observation;
    private final Set<Operation> unsupported;
    private final Map<OwnKey, Operation> open = new LinkedHashMap<>();
    private final List<Integer> readingWidths = new ArrayList<>();

    ObservedBatch(List<Draft> drafts, OwnKeys keys, Observation observation, Set<Operation> unsupported) {
        this.drafts = drafts;
        this.keys = keys;
        this.observation = observation;
        this.unsupported = unsupported;
        for (Draft draft : drafts) {
            draft.touched().keySet().forEach(key -> open.put(key, draft.operation()));
        }
    }

    @Override
    public int ops() {
        return drafts.size();
    }

    @Override
    public Map<OwnKey, Operation> open() {
        return open;
    }

    @Override
    public void send(RedisConnection connection) throws IOException {
        for (Draft draft : drafts) {
            List<Command> reading = new ArrayList<>();
            draft.touched().forEach((key, mayHold) -> reading.addAll(observation.commands(key.key(), mayHold)));
            readingWidths.add(reading.size());
            Exchange.send(connection, draft.commands(), reading);
        }
        connection.flush();
    }

    @Override
    public void settle(RedisConnection connection, Chronicle chronicle) throws IOException {
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            Exchange exchange = Exchange.receive(connection, draft.commands().size(), readingWidths.get(i));
            if (exchange.refused() == null) {
                log(draft, exchange, chronicle);
            } else {
                draft.touched().keySet().forEach(key -> key.history().settled());
                refused(draft, exchange.refused(), chronicle);
            }
            open.keySet().removeAll(draft.touched().keySet());
        }
    }

    private void log(Draft draft, Exchange exchange, Chronicle chronicle) {
        Iterator<Reply> replies = exchange.observed();
        for (Map.Entry<OwnKey, Set<ValueType>> touched : draft.touched().entrySet()) {
            OwnKey key = touched.getKey();
            KeyState state = observation.state(replies, touched.getValue());
            chronicle.wrote(key.history(), state, exchange.fromMicros(), exchange.throughMicros(), draft.operation());
            keys.moveTo(key, state.type());
        }
        // Some operations fail by design, meeting a wrong type; then nothing was done, and nothing is counted.
        for (Reply reply : exchange.performed()) {
            if (reply instanceof Reply.Failure failure) {
                refused(draft, failure.message(), chronicle);
                return;
            }
        }
        chronicle.performed(draft.operation());
    }

    private void refused(Draft draft, String error, Chronicle chronicle) {
        chronicle.refused(error);
        if (error.startsWith("ERR unknown command")
                || error.startsWith("ERR syntax error")
                || error.startsWith("ERR wrong number of arguments")) {
            unsupported.add(draft.operation());
        }
    }

    @Override
    public void release() {
        drafts.forEach(Draft::release);
    }
}
