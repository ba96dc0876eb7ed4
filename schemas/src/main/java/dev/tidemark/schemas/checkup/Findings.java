package dev.tidemark.schemas.checkup;

import dev.tidemark.schemas.checkup.Finding.State;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The findings about one subject so far; read by one thread while another is still checking. */
public final class Findings {
    private final String subject;
    private final String at;
    private final CopyOnWriteArrayList<Finding> found;

    private Findings(String subject, String at, CopyOnWriteArrayList<Finding> found) {
        this.subject = subject;
        this.at = at;
        this.found = found;
    }

    public static Findings of(String subject, String at) {
        return new Findings(subject, at, new CopyOnWriteArrayList<>());
    }

    /** More findings of the same subject about another of its nodes. */
    public Findings at(String other) {
        return new Findings(subject, other, found);
    }

    public void ok(String check, String what) {
        add(check, State.OK, what, Optional.empty());
    }

    public void skipped(String check, String why) {
        add(check, State.SKIPPED, why, Optional.empty());
    }

    public void warning(String check, String what, Mend mend) {
        add(check, State.WARNING, what, Optional.of(mend));
    }

    public void missing(String check, String what, Mend mend) {
        add(check, State.MISSING, what, Optional.of(mend));
    }

    private void add(String check, State state, String what, Optional<Mend> mend) {
        found.add(new Finding(subject, at, check, state, what, mend));
    }

    public List<Finding> soFar() {
        return List.copyOf(found);
    }
}
