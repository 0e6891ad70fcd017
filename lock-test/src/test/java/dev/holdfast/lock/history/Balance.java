package dev.holdfast.lock.history;

/** What one process has to do with one name: its calls and holds, and its entries in the store, one for each at most. */
final class Balance {

    private static final long NEVER = Long.MIN_VALUE;

    private int work;
    private int entries;
    private long tooManySince = NEVER;

    void work(int change, long at) {
        work += change;
        weigh(at);
    }

    void entry(int change, long at) {
        entries += change;
        weigh(at);
    }

    /** For how many nanoseconds there have been more entries than calls and holds. */
    long tooManyFor(long now) {
        return tooManySince == NEVER ? 0 : now - tooManySince;
    }

    private void weigh(long at) {
        if (entries <= work) {
            tooManySince = NEVER;
        } else if (tooManySince == NEVER) {
            tooManySince = at;
        }
    }
}
