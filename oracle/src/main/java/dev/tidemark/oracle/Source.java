package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.io.IOException;

/** What is written to, or was restored, be it one server or many. */
interface Source {
    /** What the keys of this scribe begin with. */
    Key prefix(int scribe);

    /** The server that answers for this scribe's keys now. */
    Station open(int scribe) throws IOException;

    /** All servers that answer for keys. */
    Survey survey() throws IOException;

    /** Whether this server got its keys from another's by a way that loses none, so that the histories go on. */
    boolean inherited(Station station, Station.Home before) throws IOException;

    long timeMicros() throws IOException;

    /** The one that is written to; all others stay empty. */
    int database();
}
