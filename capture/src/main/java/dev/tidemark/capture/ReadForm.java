package dev.tidemark.capture;

/**
 * How a batch is asked for. The shortest form that is true is taken, since each command in it is one that Redis does not do
 * for the user.
 *
 * @param asScript for a full server, which refuses the transaction
 * @param withExpiry whether each key's expiry is asked for; without it, the statistics have to say that none expires
 * @param withKeyspace whether the statistics of the databases come behind the time
 */
record ReadForm(boolean asScript, boolean withExpiry, boolean withKeyspace) {
    ReadForm {
        if (!withExpiry && !withKeyspace) {
            throw new IllegalArgumentException("nobody would know whether a key expires");
        }
    }

    /** Scripts are for a server in need, and not made short. */
    static ReadForm script() {
        return new ReadForm(true, true, true);
    }
}
