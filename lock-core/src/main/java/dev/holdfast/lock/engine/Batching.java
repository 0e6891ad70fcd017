package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of all transactions to the store. One that finds nothing under way is sent at once; while some are under way, others gather,
 * and go out together as one transaction of nested ones. Never two that touch one name: they would be decided on the state before both,
 * and written at one revision.
 *
 * <p><b>Concurrency.</b> Whoever brings a transaction, or an answer, also sends what can be sent, one thread at a time; nobody waits. The
 * answers are dealt out by those who bring them, one at a time too and never inside each other, so that requests that fail at once do
 * not pile up on the stack.
 *
 * <p><b>Failure.</b> If a request is refused for what one of its transactions may have caused, each is sent again alone. If it has no
 * usable answer, all in it are in doubt. Each caller's own deadline holds. What was not sent within half its time fails with {@link
 * Kind#EXHAUSTED}, which leaves no doubt.
 */
final class Batching {

    /**
     * Of what is sent together, and how far it may go ahead of the answers.
     *
     * @param enough so many gathered go although another request is under way
     */
    record Limits(int operations, int underWay, int enough, int bytes, int keysRead) {

        /** What etcd takes unless told otherwise, with room for what surrounds the keys. */
        static final Limits TOGETHER = new Limits(128, 2, 32, 1_000_000, 2_500);

        /** Each on its own; enough for 50,000 a second at 5 ms each, few enough that a slow store answers them in time. */
        static final Limits EACH_ALONE = new Limits(1, 256, 1, 0, 0);

        boolean together() {
            return operations > 1;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Batching.class);

    /** A request without an answer for so long is not waited for any more: its member may be frozen, or the packet lost. */
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(50);

    /** Then others wait nevertheless: a slow store answers so many in time. If it is gone, so many are in doubt. */
    private static final int MOST_OPERATIONS_UNDER_WAY = 256;

    /** Of those that could not travel with others of their name. */
    private static final int MOST_ON_ONE_NAME_UNDER_WAY = 16;

    /** Of those that are sent again alone. */
    private static final int MOST_ALONE_UNDER_WAY = 32;

    /** How far to look for more that can travel with the first. */
    private static final int MOST_LOOKED_AT = 512;

    private final LockStore store;
    private final TimeSource time;
    private final LockKeys keys;
    private final Limits limits;
    private final IntConsumer onSent;

    private final Queue<Operation> arrivals = new ConcurrentLinkedQueue<>();
    private final Queue<Batch> ended = new ConcurrentLinkedQueue<>();
    private final AtomicInteger draining = new AtomicInteger();
    private final Mailbox outcomes = new Mailbox();
    private volatile boolean timerFired;
    private volatile boolean closed;

    // Of the one who drains:
    private final Deque<Operation> gathered = new ArrayDeque<>();
    private final Deque<Single> alone = new ArrayDeque<>();
    private final List<Batch> underWay = new ArrayList<>();
    private int countedUnderWay;
    private int aloneUnderWay;

    /** Some of those gathered were left behind only because others of their name went; they need not wait for an answer. */
    private boolean crowded;

    private int operationsUnderWay;

    /** The longest list of operations, all levels added up, that the store is thought to take. */
    private int mostOperations;

    /** Less after a request without a usable answer, which may have been too large; grows again with the answers. */
    private int mostMembers;

    /** Not later than the first moment at which one of those gathered has waited too long, if there are any. */
    private long firstSendBy;

    /** When the timer is due, if there is one. */
    private long lookAt;

    private TimeSource.@Nullable Timer look;

    /** @param onSent told how many transactions each request has; must not block */
    Batching(LockStore store, TimeSource time, LockKeys keys, Limits limits, IntConsumer onSent) {
        this.store = store;
        this.time = time;
        this.keys = keys;
        this.limits = limits;
        this.onSent = onSent;
        this.mostOperations = limits.operations();
        this.mostMembers = limits.operations();
    }

    /** To be sent alone, since the request it was part of was refused. */
    private record Single(Operation operation, Batch.Trial trial) {}

    /** Sends it now or soon; it is answered at its deadline at the latest. */
    void send(Operation operation) {
        arrivals.add(operation);
        drain();
    }

    /** For tests. */
    int mostOperations() {
        return mostOperations;
    }

    /** What is not sent yet never will be. After the store's own close, which ends what is under way. */
    void close() {
        closed = true;
        drain();
    }

    /** By one thread at a time, and not from inside itself: what fails at once would come back here, each deeper in the stack. */
    private void drain() {
        if (draining.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                pass();
            } catch (RuntimeException | Error failure) {
                log.error("Sending transactions failed; this is a bug in Holdfast", failure);
            }
            seen = draining.addAndGet(-seen);
        } while (seen != 0);
    }

    private void pass() {
        for (Batch batch = ended.poll(); batch != null; batch = ended.poll()) {
            over(batch);
        }
        for (Operation arrived = arrivals.poll(); arrived != null; arrived = arrivals.poll()) {
            gather(arrived);
        }
        if (closed) {
            failAll();
            return;
        }
        if (gathered.isEmpty() && alone.isEmpty() && look == null && !timerFired) {
            return;
        }
        long now = time.nanoTime();
        if (timerFired || (look != null && now - lookAt >= 0)) {
            lookAround(now);
        }
        while (!alone.isEmpty() && aloneUnderWay < MOST_ALONE_UNDER_WAY) {
            Single next = alone.remove();
            if (inTime(next.operation(), now)) {
                aloneUnderWay++;
                send(new Batch(List.of(next.operation()), now, next.trial()));
            } else {
                next.trial().clearedBy(false);
            }
        }
        passOver(now);
        crowded = false;
        while (!gathered.isEmpty() && mayFollow() && operationsUnderWay < MOST_OPERATIONS_UNDER_WAY) {
            List<Operation> members = next(now);
            if (!members.isEmpty()) {
                countedUnderWay++;
                send(new Batch(members, now, null));
            }
        }
        arm(now);
    }

    /** Whether one more request may go: the second waits until it is large, since small ones cost the store more than they gain. */
    private boolean mayFollow() {
        if (crowded) {
            return countedUnderWay < MOST_ON_ONE_NAME_UNDER_WAY;
        }
        return countedUnderWay == 0 || (countedUnderWay < limits.underWay() && gathered.size() >= limits.enough());
    }

    private void gather(Operation arrived) {
        if (gathered.isEmpty() || arrived.sendBy() - firstSendBy < 0) {
            firstSendBy = arrived.sendBy();
        }
        gathered.add(arrived);
    }

    /** The next that can travel together, in the order in which they came; those of a name they touch stay in theirs. */
    private List<Operation> next(long now) {
        List<Operation> members = new ArrayList<>();
        List<Operation> left = new ArrayList<>();
        Set<String> places = new HashSet<>();
        int widest = 1;
        int writes = 0;
        long bytes = 0;
        long keysRead = 0;
        crowded = false;
        for (int looked = 0; looked < MOST_LOOKED_AT && !gathered.isEmpty(); looked++) {
            if (members.size() >= mostMembers || (!members.isEmpty() && members.size() + 1 + widest > mostOperations)) {
                break;
            }
            Operation operation = gathered.remove();
            if (!inTime(operation, now)) {
                continue;
            }
            if (members.isEmpty() && (gathered.isEmpty() || mostMembers == 1)) {
                members.add(operation);
                break;
            }
            Extent extent = operation.extent(keys);
            int wider = Math.max(widest, extent.operations());
            boolean fits = members.isEmpty()
                    || (Math.max(members.size() + 1, 1 + writes + extent.writes()) + wider <= mostOperations
                            && bytes + extent.bytes() <= limits.bytes()
                            && keysRead + extent.keysRead() <= limits.keysRead());
            // The names of those left behind are taken too: nobody overtakes them.
            boolean apart = apart(places, extent);
            if (fits && apart) {
                members.add(operation);
                widest = wider;
                writes += extent.writes();
                bytes += extent.bytes();
                keysRead += extent.keysRead();
            } else {
                left.add(operation);
                crowded |= !apart;
            }
        }
        for (int i = left.size() - 1; i >= 0; i--) {
            gathered.addFirst(left.get(i));
        }
        return members;
    }

    /** Whether nothing so far touches a name of this one; from now on something does. */
    private static boolean apart(Set<String> places, Extent extent) {
        boolean apart = true;
        for (String place : extent.places()) {
            apart &= places.add(place);
        }
        return apart;
    }

    private boolean inTime(Operation operation, long now) {
        if (now - operation.sendBy() < 0) {
            return true;
        }
        tell(
                List.of(operation),
                new StoreException(
                        Kind.EXHAUSTED,
                        "Not sent in time, because etcd is slow to answer the requests before it",
                        null));
        return false;
    }

    private void send(Batch batch) {
        underWay.add(batch);
        operationsUnderWay += batch.size();
        Duration timeout = Duration.ofNanos(batch.deadline() - batch.sentAt());
        CompletableFuture<TxnResult> answer;
        try {
            answer = store.txn(batch.txn(), timeout);
        } catch (RuntimeException | Error failure) {
            answer = CompletableFuture.failedFuture(failure);
        }
        answer.whenComplete((result, failure) -> {
            batch.ended(result, failure == null ? null : StoreException.of(failure));
            ended(batch);
        });
        onSent.accept(batch.size());
    }

    /** The answers first: who is woken by them may ask again in time for the next request. */
    private void ended(Batch batch) {
        outcomes.execute(batch::deal);
        ended.add(batch);
        drain();
    }

    private void over(Batch batch) {
        underWay.remove(batch);
        operationsUnderWay -= batch.size();
        if (batch.counted()) {
            countedUnderWay--;
        }
        Batch.Trial trial = batch.trial();
        if (trial != null) {
            aloneUnderWay--;
            if (trial.clearedBy(batch.failure() == null)) {
                mostOperations = Math.max(1, Math.min(mostOperations, trial.operations() / 2));
            }
        }
        StoreException failure = batch.failure();
        if (failure != null) {
            failed(batch, failure);
        } else if (batch.size() > 1 || mostMembers == 1) {
            mostMembers = Math.min(limits.operations(), 2 * mostMembers);
        }
    }

    private void failed(Batch batch, StoreException failure) {
        if (batch.size() == 1) {
            tell(batch.members(), failure);
            return;
        }
        switch (failure.kind()) {
            case LEASE_NOT_FOUND, PERMISSION_DENIED, INVALID -> sendEachAlone(batch.members(), failure.kind());
            case EXHAUSTED -> {
                // An etcd without space refuses what puts something, and with it its neighbours.
                List<Operation> innocent = new ArrayList<>();
                List<Operation> others = new ArrayList<>();
                batch.members().forEach(member -> (member.extent(keys).puts() ? others : innocent).add(member));
                if (!others.isEmpty()) {
                    sendEachAlone(innocent, failure.kind());
                    tell(others, failure);
                } else {
                    tell(innocent, failure);
                }
            }
            case UNAUTHENTICATED -> tell(batch.members(), failure);
            case UNAVAILABLE, TIMEOUT, CLOSED -> {
                mostMembers = Math.max(1, Math.min(mostMembers, batch.size() / 2));
                tell(batch.members(), failure);
            }
        }
    }

    /** Which of them is to blame, only the store can tell; nobody else hears of it. */
    private void sendEachAlone(List<Operation> members, Kind kind) {
        int widest = 0;
        for (Operation member : members) {
            widest = Math.max(widest, member.extent(keys).operations());
        }
        Batch.Trial trial = new Batch.Trial(members.size(), members.size() + widest, kind != Kind.INVALID);
        for (Operation member : members) {
            alone.add(new Single(member, trial));
        }
    }

    private void tell(List<Operation> operations, StoreException failure) {
        outcomes.execute(() -> operations.forEach(operation -> operation.fail(failure)));
    }

    private void failAll() {
        if (look != null) {
            look.cancel();
            look = null;
        }
        StoreException cause = new StoreException(Kind.CLOSED, "The registry is closed; this was not sent", null);
        List<Operation> unsent = new ArrayList<>(gathered);
        alone.forEach(single -> unsent.add(single.operation()));
        gathered.clear();
        alone.clear();
        if (!unsent.isEmpty()) {
            tell(unsent, cause);
        }
    }

    /** Requests that have been unanswered for too long are not waited for. */
    private void passOver(long now) {
        for (Batch batch : underWay) {
            if (batch.counted() && limits.together() && now - batch.sentAt() >= PATIENCE) {
                batch.countNoMore();
                countedUnderWay--;
            }
        }
    }

    /** What time brings about: deadlines within a batch, and the end of the time to send. */
    private void lookAround(long now) {
        timerFired = false;
        if (look != null) {
            look.cancel();
            look = null;
        }
        for (Batch batch : underWay) {
            if (batch.hasEarlierDeadlines() && now - batch.firstDeadline() >= 0) {
                List<Operation> due = new ArrayList<>();
                for (Operation member : batch.members()) {
                    if (now - member.deadline() >= 0) {
                        due.add(member);
                    }
                }
                tell(due, new StoreException(Kind.TIMEOUT, "No answer in time, with others in one request", null));
            }
        }
        List<Operation> kept = new ArrayList<>(gathered);
        gathered.clear();
        for (Operation operation : kept) {
            if (inTime(operation, now)) {
                gather(operation);
            }
        }
        alone.removeIf(single -> !inTime(single.operation(), now));
    }

    /** One timer for everything, and none for what is answered in time as nearly all is: it is not cancelled, but finds nothing to do. */
    private void arm(long now) {
        long delay = Long.MAX_VALUE;
        if (!gathered.isEmpty()) {
            delay = firstSendBy - now;
        }
        for (Single single : alone) {
            delay = Math.min(delay, single.operation().sendBy() - now);
        }
        for (Batch batch : underWay) {
            if (!gathered.isEmpty() && batch.counted() && limits.together()) {
                delay = Math.min(delay, batch.sentAt() + PATIENCE - now);
            }
            if (batch.hasEarlierDeadlines()) {
                delay = Math.min(delay, batch.untilNextDeadline(now));
            }
        }
        if (delay != Long.MAX_VALUE && (look == null || now + delay - lookAt < 0)) {
            if (look != null) {
                look.cancel();
            }
            lookAt = now + delay;
            look = time.schedule(Duration.ofNanos(Math.max(0, delay)), () -> {
                timerFired = true;
                drain();
            });
        }
    }
}
