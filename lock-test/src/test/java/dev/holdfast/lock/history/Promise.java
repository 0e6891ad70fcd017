package dev.holdfast.lock.history;

/** What a history is judged by. */
public enum Promise {
    MUTUAL_EXCLUSION("no more holds of one name, as told to users, than their kind allows"),
    LOCAL_LEARNS_FIRST("a process says that it does not hold before the store gives the name away"),
    FENCING("the resource never takes a write with a token lower than one it has seen"),
    TOKEN_ORDER(
            "tokens are revisions of the store, those drawn late of a write of the own entry, and greater than those of all who held before and had to be gone"),
    FIFO(
            "who holds has fewer before it in the store than its kind allows, calls of one process are served in their order, and who waits elsewhere sees locks passed on only so often and so long"),
    AGREEMENT("who disagrees on kind or permits is told so, and nobody else; entries say what was asked for"),
    ATOMICITY("several names asked for at once are put, held and given back as one"),
    HELD_AT_LEAST("nobody else gets a name before the time it is kept for, though it was released sooner"),
    LIVENESS("after heal every call ends, and every name can be had again"),
    NO_LEAKS("after close no key, lease, watch or timer is left"),
    NO_STORMS("requests keep a pace, whatever fails"),
    NO_SPURIOUS_LOSS("nothing is lost without cause"),
    TIMEOUTS_KEPT("calls, interrupts and close end in their time"),
    CALLBACK_ORDER("acquired, then exactly once released or lost"),
    TTL_KEPT("a hold that is not renewed lasts its TTL, one with a cap until the cap, and no longer"),
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
