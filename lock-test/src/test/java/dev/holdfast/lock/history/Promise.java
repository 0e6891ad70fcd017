package dev.holdfast.lock.history;

/** What a history is judged by. */
public enum Promise {
    MUTUAL_EXCLUSION("holds of one name, as told to users, never overlap"),
    LOCAL_LEARNS_FIRST("a process says that it does not hold before the store gives the name away"),
    FENCING("the resource never takes a write with a token lower than one it has seen"),
    TOKEN_ORDER("tokens of a name are unique, grow in the order of grants and are the create revisions in the store"),
    FIFO("who holds is the oldest in the store, and calls of one process are served in their order"),
    LIVENESS("after heal every call ends, and every name can be had again"),
    NO_LEAKS("after close no key, lease, watch or timer is left"),
    NO_STORMS("requests keep a pace, whatever fails"),
    NO_SPURIOUS_LOSS("nothing is lost without cause"),
    TIMEOUTS_KEPT("calls, interrupts and close end in their time"),
    CALLBACK_ORDER("acquired, then exactly once released or lost"),
    TTL_KEPT("a hold that is not renewed lasts its TTL, and no longer"),
    NO_CONTRADICTION("calls, handles and listeners say the same"),
    DEAD_MEANS_DEAD("a lost lease is not renewed, and a lost hold never held again");

    private final String meaning;

    Promise(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }
}
