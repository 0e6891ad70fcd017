package dev.holdfast.lock.engine;

/**
 * How much an engine keeps at the moment: everything of it that could grow with use. For tests, which compare it before and after.
 *
 * @param queues names in use
 * @param threadHolds owned by threads through {@code asLock()}
 * @param waiting calls without an outcome
 * @param candidacies that stand until they are closed
 * @param observations of elections
 * @param nameWatches of names that somebody waits for, or waited for a few seconds ago
 * @param sessions leases in use
 * @param sharedSessions TTLs with a lease, or with a grant under way
 * @param unrevoked leases not known to be revoked
 * @param unfinished grants and revokes without an answer
 * @param entries keys in the store, or on their way there
 * @param guards names that were in doubt on the leases in use
 * @param refusedCallbacks that no executor has taken yet
 */
record Footprint(
        int queues,
        int threadHolds,
        int waiting,
        int candidacies,
        int observations,
        int nameWatches,
        int sessions,
        int sharedSessions,
        int unrevoked,
        int unfinished,
        int entries,
        int guards,
        int refusedCallbacks) {}
