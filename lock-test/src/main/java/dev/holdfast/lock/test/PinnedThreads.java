package dev.holdfast.lock.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Notes virtual threads of this JVM that kept their carrier while they were blocked. Notes nothing before JDK 21. Not thread-safe. */
public final class PinnedThreads implements AutoCloseable {

    private static final String EVENT = "jdk.VirtualThreadPinned";

    private final Recording recording = new Recording();

    private PinnedThreads(Duration threshold) {
        recording.enable(EVENT).withThreshold(threshold).withStackTrace();
    }

    /** @param threshold shorter times do not count */
    public static PinnedThreads recording(Duration threshold) {
        PinnedThreads pinned = new PinnedThreads(threshold);
        pinned.recording.start();
        return pinned;
    }

    /** Ends the recording; each event with its stack. */
    public List<String> stop() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("holdfast-pinned", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals(EVENT))
                    .map(RecordedEvent::toString)
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        recording.close();
    }
}
