package dev.holdfast.lock.spring.kit;

import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.OnBusy;
import java.util.ArrayList;
import java.util.List;

/** A service of a user. */
class Shipping {

    /** What happens while an order is shipped. */
    interface Carrier {
        void collect(int order) throws Exception;
    }

    private final List<Integer> shipped = new ArrayList<>();
    private Carrier carrier = order -> {};

    void carrier(Carrier carrier) {
        this.carrier = carrier;
    }

    List<Integer> shipped() {
        return shipped;
    }

    @DistributedLock(name = "order", key = "#id")
    void ship(int id) throws Exception {
        carrier.collect(id);
        LockContext.current().ensureHeld();
        shipped.add(id);
    }

    @DistributedLock(name = "report", waitTime = "0s", onBusy = OnBusy.SKIP)
    String report() {
        return "done";
    }
}
