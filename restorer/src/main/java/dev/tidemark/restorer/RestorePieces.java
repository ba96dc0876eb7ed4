package dev.tidemark.restorer;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.ReservedKeys;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names under which large strings are built in a target. Parts of one restore build beside each other, so each has a
 * name of its own; in a Cluster a key is renamed within its slot alone, so the slot's tag is in the name.
 */
final class RestorePieces {
    private static final String NAME = ReservedKeys.RESTORE_PIECES.asUtf8().orElseThrow();
    private static final Pattern FORM = Pattern.compile(Pattern.quote(NAME) + "(?::(\\d{1,5}))?(?::\\{[^{}]*\\})?");

    private RestorePieces() {}

    static Bytes of(RestorePart part, Bytes key, boolean isCluster) {
        return Bytes.utf8(NAME
                + (part.isWhole() ? "" : ":" + part.number())
                + (isCluster ? ":{" + HashSlot.tagIn(HashSlot.of(key)) + "}" : ""));
    }

    /**
     * Whether a key is what a run that died left of a large string, as whoever holds the lock for this part can tell when it
     * has written everything. A whole restore has no company. A part leaves the names of other parts alone: they may be
     * writing, and who died of them is run again, and sees to its own.
     */
    static boolean isLeftBehind(Bytes key, RestorePart part) {
        if (!key.startsWith(ReservedKeys.RESTORE_PIECES)) {
            return false;
        }
        Matcher name = FORM.matcher(key.asUtf8().orElse(""));
        if (!name.matches()) {
            return false;
        }
        int number = name.group(1) == null ? part.number() : Integer.parseInt(name.group(1));
        return part.isWhole() || number == part.number() || number > part.of();
    }
}
