package dev.holdfast.lock.spring.election;

/**
 * A {@link LeaderCandidate} of this application leads no more. When it resigns or stops, nobody else is elected before the listeners
 * have returned; after a loss they have the session's margin, 500 ms or a tenth of the TTL. Delivered on the registry's callback executor.
 *
 * @param name name of the election
 * @param value what the leader said of itself
 * @param term fencing token of the leadership that ended
 */
public record LeaderRevokedEvent(String name, String value, long term) {}
