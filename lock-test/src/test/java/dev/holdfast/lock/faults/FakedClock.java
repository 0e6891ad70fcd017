package dev.holdfast.lock.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/** The wall clock of worker processes, through libfaketime; their monotonic clock stays true. */
final class FakedClock {

    private FakedClock() {}

    /** What a process needs to take its wall clock from that file. */
    static Map<String, String> environment(Path file) {
        return Map.of(
                "LD_PRELOAD", library().toString(),
                "FAKETIME_TIMESTAMP_FILE", file.toString(),
                "FAKETIME_CACHE_DURATION", "1",
                "DONT_FAKE_MONOTONIC", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                // Otherwise timed waits of a JVM end at once.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    /** From the next second on the clock differs from the machine's by so much. */
    static void set(Path file, long seconds) {
        try {
            Path next = file.resolveSibling("clock.next");
            Files.writeString(next, (seconds < 0 ? "" : "+") + seconds + "s\n");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path library() {
        try (Stream<Path> directories = Files.list(Path.of("/usr/lib"))) {
            return directories
                    .map(directory -> directory.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::isReadable)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "This test needs libfaketime (Debian: apt-get install libfaketime)"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
