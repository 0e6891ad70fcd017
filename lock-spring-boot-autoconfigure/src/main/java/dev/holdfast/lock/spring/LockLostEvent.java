package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockLoss;

/**
 * Published to {@code @EventListener} methods when any lock of this application is lost, however it was taken. Delivered on the
 * registry's callback executor.
 *
 * @param loss which lock, and why
 */
public record LockLostEvent(LockLoss loss) {}
