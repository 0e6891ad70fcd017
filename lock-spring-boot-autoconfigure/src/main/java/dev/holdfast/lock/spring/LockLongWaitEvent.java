package dev.holdfast.lock.spring;

import java.time.Duration;

/**
 * Published to {@code @EventListener} methods when a lock was acquired after a wait of at least {@code holdfast.long-wait}. Delivered on
 * a thread of its own, not on the caller's, which goes on meanwhile.
 *
 * @param name the lock's full name
 * @param waited from the request to the grant
 */
public record LockLongWaitEvent(String name, Duration waited) {}
