package dev.holdfast.lock.spring.election;

/**
 * A {@link LeaderCandidate} of this application leads from now on. Delivered on the registry's callback executor, in turn with {@link
 * LeaderRevokedEvent}; long work belongs on a thread of its own.
 *
 * @param name name of the election
 * @param value what the leader says of itself
 * @param term fencing token of the leadership: grows with every election
 */
public record LeaderElectedEvent(String name, String value, long term) {}
