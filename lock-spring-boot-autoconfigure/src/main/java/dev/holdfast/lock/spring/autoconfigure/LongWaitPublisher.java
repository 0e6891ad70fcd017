package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spring.LockLongWaitEvent;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes a {@link LockLongWaitEvent} for a lock that came late. Not on the thread that acquired it, which others now wait for; what
 * listeners cannot keep up with is dropped.
 */
final class LongWaitPublisher implements LockListener, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(LongWaitPublisher.class);

    private static final int MOST_UNDELIVERED = 1_000;

    private final ApplicationEventPublisher publisher;
    private final Duration longWait;
    private final ThreadPoolExecutor executor;

    /** @param longWait zero: nothing is published */
    LongWaitPublisher(ApplicationEventPublisher publisher, Duration longWait) {
        this.publisher = publisher;
        this.longWait = longWait;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_UNDELIVERED),
                LongWaitPublisher::newThread,
                new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void acquired(LockHandle handle, LockOptions options, Duration waited) {
        if (!longWait.isZero() && waited.compareTo(longWait) >= 0) {
            LockLongWaitEvent event = new LockLongWaitEvent(handle.name(), waited);
            executor.execute(() -> publish(event));
        }
    }

    @Override
    public void destroy() {
        executor.shutdown();
    }

    private void publish(LockLongWaitEvent event) {
        try {
            publisher.publishEvent(event);
        } catch (RuntimeException | Error failure) {
            log.warn("A listener of {} failed", event, failure);
        }
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "holdfast-events");
        thread.setDaemon(true);
        return thread;
    }
}
