package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Ends the locks of a closing application: takes no more requests, waits for the holds to be released, then closes the registries, which
 * revokes what is left. Runs after the web server, message listeners and executors have drained, so that the work they finish can
 * still lock. Does nothing on a mere {@code stop()} or pause of the context, after which it may start again.
 */
final class LockShutdown implements SmartLifecycle, ApplicationContextAware {

    private static final Logger log = LoggerFactory.getLogger(LockShutdown.class);

    /** Below executors and schedulers, whose phase is itself far below that of Boot's web server; higher phases stop first. */
    private static final int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 2048;

    private static final long POLL_MILLIS = 10;

    private final List<LockRegistry> registries;
    private final Duration timeout;
    private @Nullable ApplicationContext context;
    private volatile boolean running;

    LockShutdown(List<LockRegistry> registries, Duration timeout) {
        this.registries = List.copyOf(registries);
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

    @Override
    public void setApplicationContext(ApplicationContext context) {
        this.context = context;
    }

    @Override
    public void stop() {
        if (!isContextClosing()) {
            // Still running, or we would not be stopped again by a close that follows.
            return;
        }
        running = false;
        registries.forEach(LockRegistry::stopAccepting);
        if (!awaitReleases()) {
            log.warn(
                    "{} locks are still held after holdfast.shutdown-timeout={}; they are taken away now",
                    held(),
                    timeout);
        }
        registries.forEach(LockRegistry::close);
    }

    /** The event that tells of it does not reach us if a listener before us throws. */
    private boolean isContextClosing() {
        return context instanceof ConfigurableApplicationContext closeable && closeable.isClosed();
    }

    private int held() {
        return registries.stream()
                .mapToInt(registry -> registry.status().held())
                .sum();
    }

    private boolean awaitReleases() {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (held() > 0) {
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
