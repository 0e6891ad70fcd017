package dev.holdfast.lock;

import java.time.Duration;
import java.util.List;

/**
 * What a registry holds and waits for at one moment.
 *
 * @param held number of holds
 * @param waiting number of requests not yet answered
 * @param sessions the leases in use
 */
public record RegistryStatus(int held, int waiting, List<Session> sessions) {

    /**
     * One lease and its renewal.
     *
     * @param lease id in etcd, lower-case hex
     * @param ttl as etcd granted it
     * @param state whether the holds of this lease can be trusted
     * @param remaining time until its holds are lost unless a renewal succeeds
     */
    public record Session(String lease, Duration ttl, State state, Duration remaining) {}

    /** {@code ACTIVE} and {@code SUSPECT} alternate; the others are final. */
    public enum State {
        ACTIVE,
        /** Renewals fail or the clock jumped; still held until the deadline unless the clock jumped. */
        SUSPECT,
        EXPIRED,
        CLOSED
    }
}
