package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockOwner;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryValueTests {

    private static final Instant SINCE = Instant.parse("2026-11-21T12:34:56.789Z");

    @Test
    void whatAnEntrySaysIsReadAgain() {
        String value = EntryValue.of(
                Kind.semaphore(3),
                new Owner("till \"é\"", "host-1", 4711),
                "worker\\1",
                SINCE,
                Map.of("job", "nightly", "empty", ""));

        assertThat(EntryValue.read(value))
                .isEqualTo(new EntryValue.Said(
                        new LockOwner("till \"é\"", "host-1", 4711, "worker\\1"),
                        SINCE,
                        Map.of("job", "nightly", "empty", "")));
        assertThat(EntryValue.ownerOf(value)).isEqualTo("till \"é\" on host-1, process 4711");
    }

    @Test
    void whatOthersWriteSaysNothing() {
        List<String> foreign = List.of(
                "",
                "http://alpha",
                "{}",
                "[1]",
                "{\"kind\":\"",
                "{\"kind\":\"exclusive\"}",
                "{\"kind\":\"exclusive\",\"owner\":null}",
                "{\"kind\":\"exclusive\",\"owner\":[]}",
                "{\"kind\":\"exclusive\",\"owner\":{\"application\":null,\"host\":\"h\",\"pid\":1}}",
                "{\"kind\":\"exclusive\",\"owner\":{\"application\":\"a\",\"host\":\"h\",\"pid\":\"many\"}}",
                "{\"kind\":\"exclusive\",\"owner\":{\"application\":\"a\",\"host\":\"h\",\"pid\":1},\"since\":\"noon\"}",
                "{\"kind\":\"exclusive\",\"owner\":{\"application\":\"a\",\"host\":\"h\",\"pid\":1},\"metadata\":7}");

        assertThat(foreign).allSatisfy(value -> {
            assertThat(EntryValue.read(value)).isNull();
            assertThat(EntryValue.ownerOf(value)).isEqualTo("another program");
        });
    }
}
