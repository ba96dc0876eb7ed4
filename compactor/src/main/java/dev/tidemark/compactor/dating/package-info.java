/**
 * When a snapshot was forked, by the canaries that are in it: pure.
 *
 * <p>A canary names a watch and its barrier {@code n}. What comes in besides are barriers of that watch with their times, as
 * {@code tidemarks} tells them. A snapshot that holds barrier n was forked after every barrier up to n, and holds all that
 * changed before those; and it was forked before every barrier after n, if it is of the history that the watch saw.
 */
package dev.tidemark.compactor.dating;
