package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an entry's turn: until those before it that block it are fewer than its limit, under each of its names. Where all of them
 * must go, it watches only the nearest, so that one release wakes one waiter; of a semaphore it watches the name and counts who goes. But
 * a watch is a hint: its signs, its end, and a tick of the clock lead to a read, and only a read decides. Events run in the owner's
 * mailbox.
 */
final class TurnWait {

    /** What a read decided. */
    interface Verdict {

        /**
         * Our entry is there and nobody is in its way. Ask {@link #readAfter} to have it decided again.
         *
         * @param revision at which that was so
         */
        void free(long revision);

        /** Somebody before us uses the name for something else. */
        void disagreeing(Standing.Disagreeing with);

        /** Our entry is not there any more; of one with several names not all of it, unless {@code wholly}. */
        void entryGone(boolean wholly);
    }

    private final EngineContext context;
    private final Mailbox mailbox;
    private final Protocol protocol;
    private final long token;
    private final Duration pollEvery;
    private final Verdict verdict;
    private final Backoff backoff;
    private final Backoff watchBackoff;

    private boolean stopped;
    private boolean reading;
    private boolean readAgain;
    private boolean readAll;
    private @Nullable KeyRange watched;

    /** Of those who block us under the watched name: when so many of them have gone, a read is due. */
    private final Set<String> blockers = new HashSet<>();

    private int mustGo;
    private long watchedSince;
    private long watchNotBefore;
    private LockStore.@Nullable Watch watch;
    private TimeSource.@Nullable Timer poll;
    private TimeSource.@Nullable Timer retry;

    TurnWait(
            EngineContext context,
            Mailbox mailbox,
            Protocol protocol,
            long token,
            Duration pollEvery,
            Verdict verdict) {
        this.context = context;
        this.mailbox = mailbox;
        this.protocol = protocol;
        this.token = token;
        this.pollEvery = pollEvery;
        this.verdict = verdict;
        this.backoff = new Backoff(context.random());
        this.watchBackoff = new Backoff(context.random());
        this.watchNotBefore = context.time().nanoTime();
    }

    /** Starts with what the joining transaction showed. */
    void start(Standing standing) {
        armPoll();
        if (standing instanceof Standing.Blocked blocked) {
            watch(blocked);
        } else {
            readAll = true;
            read();
        }
    }

    void stop() {
        stopped = true;
        closeWatch();
        EngineContext.cancel(poll);
        EngineContext.cancel(retry);
    }

    void readAfter(Duration delay) {
        EngineContext.cancel(retry);
        retry = context.after(delay, mailbox, this::read);
    }

    private void watch(Standing.Blocked blocked) {
        Kind kind = protocol.kind();
        blockers.clear();
        blocked.blockers().forEach(key -> blockers.add(key.key()));
        mustGo = blockers.size() - kind.permits() + 1;
        KeyRange range = kind.permits() > 1
                ? protocol.keys().entries(blocked.name())
                : KeyRange.single(blocked.blockers().get(0).key());
        if (range.equals(watched)) {
            return;
        }
        closeWatch();
        watched = range;
        watchedSince = context.time().nanoTime();
        watch = context.store().watch(range, new LockStore.Watcher() {
            @Override
            public void ready() {
                // What happened before the watch was in place, only a read can tell.
                mailbox.execute(() -> signFrom(range));
            }

            @Override
            public void changed(KeyChange change) {
                mailbox.execute(() -> changeIn(range, change));
            }

            @Override
            public void broken(StoreException cause) {
                mailbox.execute(() -> brokenFor(range));
            }
        });
    }

    private void signFrom(KeyRange range) {
        if (range.equals(watched)) {
            read();
        }
    }

    private void changeIn(KeyRange range, KeyChange change) {
        if (!range.equals(watched) || !blockers.contains(change.key())) {
            return;
        }
        if (reading) {
            // Its answer may be older than this.
            readAgain = true;
        } else if (!range.prefix()) {
            // Also if it was written over: a writer can have become a reader.
            read();
        } else if (change.deleted()) {
            blockers.remove(change.key());
            mustGo--;
            if (mustGo <= 0) {
                read();
            }
        }
    }

    private void brokenFor(KeyRange range) {
        if (!stopped && range.equals(watched)) {
            watch = null;
            watched = null;
            if (context.time().nanoTime() - watchedSince > pollEvery.toNanos()) {
                // It worked for a while. One that only came into being is no progress: the next may break as soon.
                watchBackoff.reset();
            }
            // The read that follows renews the watch; after a pause, since all watches of a connection break together.
            Duration pause = watchBackoff.next();
            watchNotBefore = context.time().nanoTime() + pause.toNanos();
            readAfter(pause);
        }
    }

    private void read() {
        if (stopped) {
            return;
        }
        if (reading) {
            readAgain = true;
            return;
        }
        reading = true;
        readAgain = false;
        context.txn(protocol.read(token, readAll), false, context.options().requestTimeout(), mailbox, this::answered);
    }

    private void answered(@Nullable TxnResult result, @Nullable StoreException failure) {
        reading = false;
        if (stopped) {
            return;
        }
        if (failure != null) {
            failed(failure);
        } else if (result != null) {
            backoff.reset();
            decide(result);
        }
    }

    private void failed(StoreException failure) {
        if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            context.refreshCredentials(mailbox, () -> readAfter(backoff.next()));
        } else {
            readAfter(backoff.next());
        }
    }

    private void decide(TxnResult result) {
        int left = protocol.own(result, token).size();
        Standing standing = protocol.standing(protocol.queues(result), token);
        if (left < protocol.entries().size()) {
            verdict.entryGone(left == 0);
        } else if (standing instanceof Standing.Disagreeing disagreeing) {
            verdict.disagreeing(disagreeing);
        } else if (standing instanceof Standing.Blocked blocked) {
            if (context.passed(watchNotBefore)) {
                watch(blocked);
            } else {
                // Asked while the last watch broke: its pause is not over.
                readAfter(context.until(watchNotBefore));
            }
            if (readAgain) {
                read();
            }
        } else if (standing instanceof Standing.Unclear) {
            readAll = true;
            read();
        } else {
            verdict.free(result.revision());
        }
    }

    private void armPoll() {
        poll = context.after(context.outOfStep(pollEvery), mailbox, () -> {
            if (!stopped) {
                read();
                armPoll();
            }
        });
    }

    private void closeWatch() {
        if (watch != null) {
            watch.close();
            watch = null;
            watched = null;
        }
    }
}
