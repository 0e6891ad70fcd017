package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Ends the locks of a closing application: takes no more requests, waits for the holds to be released, then closes the registry, which
 * revokes what is left. Runs after the web server, message listeners and executors have drained, so that the work they finish can
 * still lock. Does nothing on a mere {@code stop()} or pause of the context, after which it may start again.
 */
final class LockShutdown implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {

    private static final Logger log = LoggerFactory.getLogger(LockShutdown.class);

    /** Below Boot's web server, which stops in {@code DEFAULT_PHASE - 2048}; higher phases stop first. */
    private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

    private static final long POLL_MILLIS = 10;

    private final LockRegistry registry;
    private final Duration timeout;
    private volatile boolean running;
    private volatile boolean closing;

    LockShutdown(LockRegistry registry, Duration timeout) {
        this.registry = registry;
        this.timeout = timeout;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Told before any lifecycle bean is stopped. */
    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        closing = true;
    }

    @Override
    public void stop() {
        running = false;
        if (!closing) {
            return;
        }
        registry.stopAccepting();
        if (!awaitReleases()) {
            log.warn(
                    "{} locks are still held after holdfast.shutdown-timeout={}; they are taken away now",
                    registry.status().held(),
                    timeout);
        }
        registry.close();
    }

    private boolean awaitReleases() {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (registry.status().held() > 0) {
            if (System.nanoTime() - deadline >= 0 || !pause()) {
                return false;
            }
        }
        return true;
    }

    private static boolean pause() {
        try {
            Thread.sleep(POLL_MILLIS);
            return true;
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
