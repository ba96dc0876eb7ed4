package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RestoreTermsTest {
    private static final RestoreTerms OURS =
            new RestoreTerms(List.of("restore of a to b, in 2 parts", "every key", "--merge"));

    @Test
    void whatIsReadFromALockIsWhatWasWrittenIntoIt() {
        assertThat(RestoreTerms.read(OURS.words())).isEqualTo(OURS);
        assertThat(OURS.agreeWith(OURS, false)).isTrue();
    }

    @Test
    void whoeverGoesOnOverWhatItLeftNeedNotTreatTheRestAlike() {
        RestoreTerms first = new RestoreTerms(
                List.of("restore of a to b, in 2 parts", "every key", "neither --replace nor --merge"));

        assertThat(OURS.agreeWith(first, false)).isFalse();
        assertThat(OURS.agreeWith(first, true)).isTrue();
    }

    @Test
    void aLockOfAnotherKindIsNeverAgreedWith() {
        RestoreTerms other = RestoreTerms.read("restore of a to b, in 2 parts");

        assertThat(OURS.agreeWith(other, true)).isFalse();
        assertThat(OURS.differences(other, true)).isEmpty();
    }
}
