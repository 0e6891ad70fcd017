package dev.holdfast.lock.spring;

import dev.holdfast.lock.RegistryStatus;

/**
 * Published to {@code @EventListener} methods when a session has ended although nobody closed it; every lock of it is lost, each with a
 * {@link LockLostEvent} of its own. A hold that is not renewed has a session of its own, which ends in this way too. Delivered on the
 * registry's callback executor, events of sessions one after the other.
 *
 * @param session the session as it ended
 */
public record LockSessionLostEvent(RegistryStatus.Session session) {}
