package dev.holdfast.sample.journal;

import dev.holdfast.sample.SampleProperties;
import java.time.Duration;
import java.util.Locale;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Notices that this process stood still: a thread that wakes up often finds that it has not for long. The clock that it reads goes on while
 * a process is stopped.
 */
@Component
class StandstillWatch {

    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration WORTH_TELLING = Duration.ofSeconds(2);

    private final Journal journal;
    private final Duration ttl;
    private final Thread thread = new Thread(this::watch, "standstill-watch");

    StandstillWatch(Journal journal, SampleProperties properties) {
        this.journal = journal;
        this.ttl = properties.booking().ttl();
        thread.setDaemon(true);
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        thread.start();
    }

    @EventListener(ContextClosedEvent.class)
    void stop() {
        thread.interrupt();
    }

    private void watch() {
        long before = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(TICK.toMillis());
                long now = System.nanoTime();
                tell(Duration.ofNanos(now - before));
                before = System.nanoTime();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Duration gap) {
        if (gap.compareTo(WORTH_TELLING) < 0) {
            return;
        }
        String words = String.format(
                Locale.ROOT,
                "Stood still for %.1f s; a lock lasts %d s without a sign of its holder.",
                gap.toMillis() / 1000.0,
                ttl.toSeconds());
        journal.add(Happening.Kind.STOOD_STILL, "", words);
    }
}
