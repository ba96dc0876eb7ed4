package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import org.junit.jupiter.api.Test;

class RestorePiecesTest {
    @Test
    void whatAPartMayDeleteIsNobodysWhoMayStillWrite() {
        assertThat(isLeftBehind("tidemark:restore-pieces", new RestorePart(1, 2)))
                .isTrue();
        assertThat(isLeftBehind("tidemark:restore-pieces:1:{ab}", new RestorePart(1, 2)))
                .isTrue();
        assertThat(isLeftBehind("tidemark:restore-pieces:2:{ab}", new RestorePart(1, 2)))
                .isFalse();
        assertThat(isLeftBehind("tidemark:restore-pieces:3", new RestorePart(1, 2)))
                .isTrue();
        assertThat(isLeftBehind("tidemark:restore-pieces:{ab}", RestorePart.WHOLE))
                .isTrue();
        assertThat(isLeftBehind("tidemark:restore-pieces:2", RestorePart.WHOLE)).isTrue();
        assertThat(isLeftBehind("tidemark:restore-pieces: of theirs", RestorePart.WHOLE))
                .isFalse();
        assertThat(isLeftBehind("theirs", RestorePart.WHOLE)).isFalse();
    }

    private static boolean isLeftBehind(String key, RestorePart part) {
        return RestorePieces.isLeftBehind(Bytes.utf8(key), part);
    }
}
