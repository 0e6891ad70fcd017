package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Holds transactions back until the test lets them through, and remembers what they were. */
final class GatedStore {

    private final LockStore target;
    private final List<Txn> sent = new CopyOnWriteArrayList<>();
    private final List<Duration> timeouts = new CopyOnWriteArrayList<>();
    private final Queue<Request> held = new ConcurrentLinkedQueue<>();
    private volatile boolean open;

    GatedStore(LockStore target) {
        this.target = target;
    }

    private record Request(Txn txn, Duration timeout, CompletableFuture<TxnResult> answer) {}

    LockStore store() {
        return new DelegatingStore(target) {
            @Override
            public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                return GatedStore.this.gated(txn, timeout);
            }
        };
    }

    private CompletableFuture<TxnResult> gated(Txn txn, Duration timeout) {
        sent.add(txn);
        timeouts.add(timeout);
        if (open) {
            return target.txn(txn, timeout);
        }
        CompletableFuture<TxnResult> answer = new CompletableFuture<>();
        held.add(new Request(txn, timeout, answer));
        return answer;
    }

    /** What was sent so far, executed or not. */
    List<Txn> sent() {
        return sent;
    }

    /** How many transactions each request had; one that was sent alone counts as 1. */
    List<Integer> sizes() {
        return sent.stream().map(GatedStore::size).toList();
    }

    private static int size(Txn txn) {
        boolean nested = !txn.then().isEmpty() && txn.then().stream().allMatch(op -> op instanceof Op.Nested);
        return nested ? txn.then().size() : 1;
    }

    Duration timeout(int request) {
        return timeouts.get(request);
    }

    int held() {
        return held.size();
    }

    /** Executes the one that has been held for longest. */
    void pass() {
        Request request = held.remove();
        target.txn(request.txn(), request.timeout()).whenComplete((result, failure) -> {
            if (failure != null) {
                request.answer().completeExceptionally(failure);
            } else {
                request.answer().complete(result);
            }
        });
    }

    /** Drops the one that has been held for longest. */
    void fail(StoreException.Kind kind) {
        held.remove().answer().completeExceptionally(new StoreException(kind, "by the test's will", null));
    }

    /** Executes the one that has been held for longest, but its caller hears of a failure. */
    void passAndFail(StoreException.Kind kind) {
        Request request = held.remove();
        target.txn(request.txn(), request.timeout()).join();
        request.answer().completeExceptionally(new StoreException(kind, "by the test's will", null));
    }

    /** Holds back what comes from now on. */
    void shut() {
        open = false;
    }

    /** Lets everything through, also what comes later. */
    void open() {
        open = true;
        while (!held.isEmpty()) {
            pass();
        }
    }
}
