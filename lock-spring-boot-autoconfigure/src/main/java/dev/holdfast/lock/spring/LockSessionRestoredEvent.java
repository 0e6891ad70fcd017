package dev.holdfast.lock.spring;

import dev.holdfast.lock.RegistryStatus;

/**
 * Published to {@code @EventListener} methods when etcd has confirmed a session that was suspect, whose locks were held all the time, or
 * when there is a new session after one of the same TTL was lost; locks are not restored, and such a session is only made when a lock is
 * asked for. Delivered on the registry's callback executor, events of sessions one after the other.
 *
 * @param session the session that is good now
 */
public record LockSessionRestoredEvent(RegistryStatus.Session session) {}
