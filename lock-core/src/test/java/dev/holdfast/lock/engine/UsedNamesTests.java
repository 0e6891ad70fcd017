package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockPage.Usage;
import dev.holdfast.lock.store.KeyValue;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsedNamesTests {

    private static final String READER = Kind.SHARED.valueStart() + "}";

    private final LockKeys encoded = new LockKeys("locks/", true);
    private final LockKeys asTheyAre = new LockKeys("locks/", false);

    @Test
    void aPageEndsBeforeTheFirstKeyOfTheNextName() {
        UsedNames names = new UsedNames(encoded, 2);

        assertThat(names.add(key("locks/a/1f", 5, ""))).isTrue();
        assertThat(names.add(key("locks/a/2f", 4, ""))).isTrue();
        assertThat(names.add(key("locks/b/1f", 6, READER))).isTrue();
        assertThat(names.add(key("locks/b/1f.1", 7, READER))).isTrue();
        assertThat(names.add(key("locks/c/1f", 8, ""))).isFalse();

        assertThat(names.counted()).containsExactly(used("a", 1, 1), new Usage("b", LockEntry.Kind.SHARED, 1, 2, 0));
    }

    @Test
    void whatDoesNotCompeteCountsForNoName() {
        UsedNames names = new UsedNames(encoded, 1);

        assertThat(names.add(key("locks/%guard/1f/a", 1, ""))).isTrue();
        assertThat(names.add(key("locks/a/1f", 2, ""))).isTrue();
        assertThat(names.add(key("locks/a/b/1f", 3, ""))).isTrue();
        assertThat(names.add(key("locks/a/readme", 4, ""))).isTrue();
        assertThat(names.add(key("locks/readme", 5, ""))).isFalse();

        assertThat(names.counted()).containsExactly(used("a", 1, 0));
    }

    @Test
    void namesBelowOthersKeepTheirPageTogether() {
        UsedNames names = new UsedNames(asTheyAre, 1);

        assertThat(names.add(key("locks/a/1f", 1, ""))).isTrue();
        assertThat(names.add(key("locks/a/b/1f", 2, ""))).isTrue();
        assertThat(names.add(key("locks/a/b/c/1f", 3, ""))).isTrue();
        assertThat(names.add(key("locks/a/c0", 4, ""))).isTrue();
        assertThat(names.add(key("locks/b/1f", 5, ""))).isFalse();

        assertThat(names.counted()).containsExactly(used("a", 1, 1), used("a/b", 1, 0), used("a/b/c", 1, 0));
    }

    @Test
    void withoutANameAboveItsPageEndsInTime() {
        UsedNames names = new UsedNames(asTheyAre, 1);

        assertThat(names.add(key("locks/a/b/1f", 1, ""))).isTrue();
        assertThat(names.add(key("locks/a/c/1f", 2, ""))).isFalse();

        assertThat(names.counted()).isEqualTo(List.of(used("a/b", 1, 0)));
    }

    private static Usage used(String name, int holders, int waiters) {
        return new Usage(name, LockEntry.Kind.EXCLUSIVE, 1, holders, waiters);
    }

    private static KeyValue key(String key, long createRevision, String value) {
        return new KeyValue(key, value, createRevision, createRevision, 1);
    }
}
