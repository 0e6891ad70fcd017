package dev.holdfast.lock.engine;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockUnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of this process for one name, or one set of names, first come first served. One at a time enters the store and waits
 * there. While an exclusive entry of ours holds nobody follows it; readers and permits may hold side by side, each with an entry of its
 * own, told apart by its slot. An entry that is in doubt or still being removed keeps its slot, and an exclusive one the name, closed.
 * Events run in the mailbox; a queue without work retires and is replaced by a new one when needed.
 */
final class NameQueue {

    /** Why a caller gave up. */
    enum GivenUp {
        TIMED_OUT,
        INTERRUPTED
    }

    private final LockEngine engine;
    private final EngineContext context;
    private final List<String> names;
    private final Mailbox mailbox = new Mailbox();
    private final Deque<Request> waiting = new ArrayDeque<>(1);

    /** All that may be in the store, in the order in which they asked. */
    private final List<QueueEntry> entries = new ArrayList<>(1);

    /** The one of them that does not hold yet. */
    private @Nullable QueueEntry entering;

    private @Nullable OrphanRemoval orphanRemoval;
    private boolean retired;

    NameQueue(LockEngine engine, EngineContext context, List<String> names) {
        this.engine = engine;
        this.context = context;
        this.names = names;
    }

    void submit(Request request) {
        mailbox.execute(() -> {
            if (retired) {
                engine.submit(request);
            } else {
                accept(request);
            }
        });
    }

    /** The caller no longer waits; its outcome comes when nothing of the request is left. */
    void giveUp(Request request, GivenUp why) {
        mailbox.execute(() -> {
            if (retired) {
                // The request went on to the queue that replaced this one.
                engine.giveUp(request, why);
                return;
            }
            // Even if the caller has its outcome by now: this may come later than the grace.
            QueueEntry entry = entryOf(request);
            if (entry != null) {
                entry.giveUp(why);
            } else if (waiting.remove(request)) {
                // A try that is still here was not refused, its turn just did not come in time.
                request.outcome.complete(
                        request.tryOnly || stuck(request)
                                ? new Request.Outcome.Failed(unavailable(
                                        request.name,
                                        "an earlier request of this process for it has no answer yet",
                                        null))
                                : new Request.Outcome.Busy());
                next();
            }
        });
    }

    private @Nullable QueueEntry entryOf(Request request) {
        for (QueueEntry entry : entries) {
            if (entry.serves(request)) {
                return entry;
            }
        }
        return null;
    }

    /** Whether it is trouble with the store, not somebody's hold, that keeps the request waiting. */
    private boolean stuck(Request request) {
        return orphanRemoval != null
                || entries.stream()
                        .anyMatch(entry -> (entry == entering
                                        || entry.kind().isExclusive()
                                        || !entry.kind().agreesWith(request.target.kind()))
                                && entry.inTrouble());
    }

    void orphan(Session.Orphan orphan) {
        mailbox.execute(() -> {
            // Not while an entry of ours may be on its way to that key: the removal could take that one.
            // One of another session may even be waiting for the orphan to go.
            boolean apart = entries.stream().allMatch(entry -> entry.placedApartFrom(orphan));
            if (!retired && apart && orphanRemoval == null && !orphan.session().ended()) {
                OrphanRemoval removal = new OrphanRemoval(context, this, mailbox, orphan);
                orphanRemoval = removal;
                removal.start();
            } else {
                retireIfIdle();
            }
        });
    }

    void close() {
        mailbox.execute(() -> {
            // The waiting ones first: an entry that ends calls the next.
            for (Request request = waiting.poll(); request != null; request = waiting.poll()) {
                request.outcome.complete(new Request.Outcome.Failed(closed(request.name)));
            }
            List.copyOf(entries).forEach(QueueEntry::close);
            retireIfIdle();
        });
    }

    /** What callers of this process hold and wait for here. Completes soon: no event takes long. */
    CompletableFuture<List<LocalLock>> local() {
        CompletableFuture<List<LocalLock>> answer = new CompletableFuture<>();
        mailbox.execute(() -> {
            List<LocalLock> local = new ArrayList<>();
            entries.forEach(entry -> entry.local().ifPresent(local::add));
            waiting.stream()
                    .filter(Request::wanted)
                    .map(request -> request.local(context.time().nanoTime()))
                    .forEach(local::add);
            answer.complete(List.copyOf(local));
        });
        return answer;
    }

    Mailbox mailbox() {
        return mailbox;
    }

    /** Of the mailbox: an entry is gone for good. */
    void entryDone(QueueEntry entry) {
        if (entries.remove(entry)) {
            left(entry);
        }
    }

    /**
     * Of the mailbox: whether an entry whose turn it is in the store leaves no room for those that hold here. Then a key of theirs is gone
     * and nobody noticed yet: they are looked at, since this process must hear of their loss before it gets the lock anew.
     */
    boolean contradicts(QueueEntry next) {
        if (entries.size() == 1) {
            return false;
        }
        List<QueueEntry> before = entries.stream()
                .filter(entry -> entry != next && entry.holds() && next.kind().blockedBy(entry.kind()))
                .toList();
        // One that uses the name for something else would be told in the store, if it were there still.
        boolean contradiction = before.size() >= next.kind().permits()
                || before.stream().anyMatch(entry -> !next.kind().agreesWith(entry.kind()));
        if (contradiction) {
            before.forEach(entry ->
                    entry.reportedMissing(entry.held() ? LockLoss.Reason.KEY_DELETED : LockLoss.Reason.LEASE_GONE));
        }
        return contradiction;
    }

    /**
     * Of the mailbox: the next request, if the lock of the given one can be passed on to it: both hang on the same session and say the
     * same in the store.
     */
    @Nullable
    Request nextLike(Request before) {
        if (orphanRemoval != null) {
            return null;
        }
        for (Request next = waiting.peek(); next != null; next = waiting.peek()) {
            if (next.wanted()) {
                return context.options().handOver().enabled() && next.canFollow(before) ? next : null;
            }
            waiting.remove();
        }
        return null;
    }

    /** Of the mailbox: a request waits no more. */
    void taken(Request request) {
        waiting.remove(request);
    }

    /** Of the mailbox: an entry was given back, and the next request queues in its place at the end. */
    void enterInsteadOf(QueueEntry left, Request next) {
        taken(next);
        newEntry(next).startInsteadOf(left);
    }

    private QueueEntry newEntry(Request request) {
        QueueEntry entry = new QueueEntry(context, this, engine.sessions(), request, freeSlot());
        entries.add(entry);
        entering = entry;
        return entry;
    }

    /** Of the mailbox: an entry got what it came for. */
    void entryHolds(QueueEntry entry) {
        turnAwayWhoDisagrees();
        left(entry);
    }

    /** Of the mailbox: an entry that others may hold beside is what an exclusive one has become. */
    void entryShared() {
        next();
    }

    /** Of the mailbox: the one that enters found others before it. */
    void entryWaits() {
        turnAwayWhoDisagrees();
        turnTriesAway();
    }

    /** Of the mailbox. */
    void orphanRemoved() {
        orphanRemoval = null;
        next();
    }

    private void left(QueueEntry entry) {
        if (entering == entry) {
            entering = null;
        }
        next();
    }

    private void accept(Request request) {
        if (engine.closed()) {
            request.outcome.complete(new Request.Outcome.Failed(closed(request.name)));
            retireIfIdle();
            return;
        }
        if (request.givenUp) {
            // The caller left while the request was between a queue that retired and this one.
            request.outcome.complete(new Request.Outcome.Busy());
            retireIfIdle();
            return;
        }
        Kind disagreeing = disagreeing(request);
        if (disagreeing != null) {
            request.outcome.complete(conflict(request, disagreeing));
            return;
        }
        if (request.tryOnly && busyFor(request.target.kind())) {
            request.outcome.complete(new Request.Outcome.Busy());
            return;
        }
        waiting.add(request);
        next();
    }

    /** Whether it is certain from here that a request that does not wait gets nothing. Whoever wants another kind of lock asks the store. */
    private boolean busyFor(Kind kind) {
        boolean othersFirst = waiting.stream().anyMatch(other -> blocks(other.target.kind(), kind));
        int before = 0;
        for (QueueEntry entry : entries) {
            if (!entry.leaving() && blocks(entry.kind(), kind)) {
                before++;
            }
        }
        QueueEntry last = entering;
        return (othersFirst && kind.permits() == 1)
                || before >= kind.permits()
                || (last != null && last.waits() && last.kind().agreesWith(kind));
    }

    private static boolean blocks(Kind before, Kind kind) {
        return kind.agreesWith(before) && kind.blockedBy(before);
    }

    private void next() {
        while (entering == null && orphanRemoval == null) {
            Request request = waiting.peek();
            if (request == null || closedTo(request.target.kind())) {
                break;
            }
            waiting.remove();
            if (request.wanted()) {
                newEntry(request).start();
            }
        }
        if (!waiting.isEmpty()
                && entries.stream()
                        .anyMatch(entry -> entry.kind().isExclusive() && !entry.leaving() && entry != entering)) {
            turnTriesAway();
        }
        retireIfIdle();
    }

    /**
     * Nobody of this process may follow an exclusive entry: what it leaves behind would look like ours. And whoever wants another kind
     * of lock does not meet what we ourselves are about to remove.
     */
    private boolean closedTo(Kind kind) {
        for (QueueEntry entry : entries) {
            if (entry.kind().isExclusive() || (!entry.kind().agreesWith(kind) && entry.leaving())) {
                return true;
            }
        }
        return false;
    }

    /** As what our entries in the store use the name, if the request wants something else. */
    private @Nullable Kind disagreeing(Request request) {
        for (QueueEntry entry : entries) {
            if (!entry.kind().agreesWith(request.target.kind()) && entry.settled()) {
                return entry.kind();
            }
        }
        return null;
    }

    private void turnAwayWhoDisagrees() {
        for (Request request : List.copyOf(waiting)) {
            Kind disagreeing = disagreeing(request);
            if (disagreeing != null && waiting.remove(request)) {
                request.outcome.complete(conflict(request, disagreeing));
            }
        }
    }

    private Request.Outcome conflict(Request request, Kind inUse) {
        return conflict(
                request,
                new Standing.Disagreeing(
                        names.get(0), inUse, context.options().owner().text(), false));
    }

    static Request.Outcome conflict(Request request, Standing.Disagreeing with) {
        return new Request.Outcome.Failed(() -> new LockConflictException(
                request.name,
                "Lock '" + with.name() + "' is in use as " + with.kind() + " by " + with.owner()
                        + ", but this request wants " + request.target.kind()
                        + "; nothing is held. Let all who use the name state the same, or choose another name"));
    }

    /** Those who do not wait for others. */
    private void turnTriesAway() {
        for (Request request : List.copyOf(waiting)) {
            if (request.tryOnly && waiting.remove(request)) {
                request.outcome.complete(new Request.Outcome.Busy());
            }
        }
    }

    private long freeSlot() {
        if (names.size() > 1) {
            return engine.newSlot();
        }
        if (entries.isEmpty()) {
            return 0;
        }
        Set<Long> taken = new HashSet<>();
        entries.forEach(entry -> taken.add(entry.slot()));
        long slot = 0;
        while (taken.contains(slot)) {
            slot++;
        }
        return slot;
    }

    private void retireIfIdle() {
        if (!retired && entries.isEmpty() && orphanRemoval == null && waiting.isEmpty()) {
            retired = true;
            engine.retire(names, this);
        }
    }

    static Supplier<LockException> unavailable(String name, String what, @Nullable Throwable cause) {
        return () -> new LockUnavailableException(
                name,
                "Lock '" + name + "' could not be acquired: " + what
                        + "; nothing is held. Check that etcd is up and reachable, then try again",
                cause);
    }

    static Supplier<LockException> closed(String name) {
        return () -> new LockUnavailableException(
                name, "Lock '" + name + "' could not be acquired: the registry was closed; nothing is held", null);
    }
}
