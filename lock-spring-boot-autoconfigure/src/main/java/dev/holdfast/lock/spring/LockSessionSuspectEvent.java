package dev.holdfast.lock.spring;

import dev.holdfast.lock.RegistryStatus;

/**
 * Published to {@code @EventListener} methods when etcd has not confirmed a session for a while: its locks are still held, unless the
 * clock jumped, but will be lost. A {@link LockSessionRestoredEvent} or {@link LockSessionLostEvent} follows. Delivered on the registry's
 * callback executor, events of sessions one after the other.
 *
 * @param session the session as it was then; {@code remaining} is the time until its locks are lost
 */
public record LockSessionSuspectEvent(RegistryStatus.Session session) {}
