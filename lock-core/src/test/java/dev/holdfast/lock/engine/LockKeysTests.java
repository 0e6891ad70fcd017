package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockKeysTests {

    private final LockKeys keys = new LockKeys("locks/", true);
    private final LockKeys plain = new LockKeys("", false);

    @Test
    void aLeaseIdIsLowerCaseHexWithoutPadding() {
        assertThat(keys.entry("a", LockKeys.tail(0x0abcL, 0))).isEqualTo("locks/a/abc");
        assertThat(keys.entry("a", LockKeys.tail(-1L, 0))).isEqualTo("locks/a/ffffffffffffffff");
    }

    @Test
    void slashAndPercentAreEncoded() {
        assertThat(keys.entry("a/b%", LockKeys.tail(1, 0))).isEqualTo("locks/a%2Fb%25/1");
        assertThat(plain.entry("a/b%", LockKeys.tail(1, 0))).isEqualTo("a/b%/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", "%2F", "%252F", "a%", "//", "käse"})
    void aNameIsReadBackFromItsKey(String name) {
        assertThat(keys.nameOf(keys.entry(name, LockKeys.tail(0x7f, 0)))).hasValue(name);
        assertThat(keys.competes(name, keys.entry(name, LockKeys.tail(0x7f, 0))))
                .isTrue();
    }

    @Test
    void guardsAndForeignKeysHaveNoName() {
        assertThat(keys.nameOf(keys.guard("a", LockKeys.tail(1, 0)))).isEmpty();
        assertThat(keys.nameOf(keys.guard("12/34", LockKeys.tail(1, 0)))).isEmpty();
        assertThat(keys.nameOf("locks/a/config")).isEmpty();
        assertThat(keys.nameOf("locks/12")).isEmpty();
        assertThat(keys.nameOf("elsewhere/a/12")).isEmpty();
    }

    @Test
    void onlyDirectChildrenInHexCompete() {
        assertThat(keys.competes("a", "locks/a/12ef")).isTrue();
        assertThat(keys.competes("a", "locks/a/12ef.3")).isTrue();
        for (String key : new String[] {
            "locks/a/config", "locks/a/12EF", "locks/a/b/12", "locks/a/", "locks/a/12.", "locks/ab/12", "locks/a"
        }) {
            assertThat(keys.competes("a", key)).as(key).isFalse();
        }
    }

    @Test
    void aNameThatMeetsTheGuardsIsRefusedOnlyIfNotEncoded() {
        assertThat(keys.checked("%guard/x")).isEqualTo("%guard/x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.checked("%guard/x"))
                .withMessageContaining("%guard");
    }
}
