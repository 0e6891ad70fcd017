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
 * Waits for an entry's turn: until those before it that block it are fewer than its limit, under each of its names. Events run in the
 * owner's mailbox.
 *
 * <p><b>Following the name.</b> If an answer shows all who are before the entry, it follows the {@link NameWatch} and counts who goes. What
 * a watch tells has happened, and nobody can get before the entry. So if the watch was in place before the request was sent and has
 * lasted since, enough deletions after the answer's revision mean that the turn has come; that of the own entry would have been told before
 * them. In every other case a read decides.
 *
 * <p><b>Watching the nearest.</b> Where many queue, and for a set of names, it watches only the nearest that blocks it, so that one release
 * wakes one waiter. Its leaving says nothing of the others: a read decides.
 *
 * <p>Either watch can fall silent, so a tick of the clock leads to a read, too.
 */
final class TurnWait {

    /** What a read decided. */
    interface Verdict {

        /**
         * Our entry is there and nobody is in its way. Ask {@link #readAfter} to have it decided again. Can come again by itself.
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

    // While it follows the name:
    private final Following following = new Following();

    /** The watch that tells all since the answer at {@link #answeredAt}; 0: none, so that only a read decides. */
    private long telling;

    private long answeredAt;

    /** Those who block us and have not gone. */
    private final Set<String> blockers = new HashSet<>();

    /** So many of them. */
    private int mustGo;

    // While it watches the nearest:
    private @Nullable KeyRange watched;
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

    /**
     * Starts with what the joining transaction showed.
     *
     * @param inPlace the name's watch that was in place before the transaction was sent; 0: none
     */
    void start(Standing standing, long inPlace) {
        armPoll();
        if (standing instanceof Standing.Blocked blocked) {
            await(blocked, inPlace, token);
        } else {
            readAll = true;
            read();
        }
    }

    void stop() {
        stopped = true;
        unfollow();
        closeWatch();
        EngineContext.cancel(poll);
        EngineContext.cancel(retry);
    }

    void readAfter(Duration delay) {
        EngineContext.cancel(retry);
        retry = context.after(delay, mailbox, this::read);
    }

    private void await(Standing.Blocked blocked, long inPlace, long revision) {
        if (blocked.all() && protocol.names().size() == 1) {
            closeWatch();
            follow(blocked, inPlace, revision);
        } else {
            unfollow();
            if (protocol.names().size() == 1) {
                context.watches().rest(blocked.name());
            }
            watchNearest(blocked);
        }
    }

    private void follow(Standing.Blocked blocked, long inPlace, long revision) {
        blockers.clear();
        blocked.blockers().forEach(key -> blockers.add(key.key()));
        mustGo = blockers.size() - protocol.kind().permits() + 1;
        // What is told until it says that it tells all since then may have a gap, and comes again.
        telling = 0;
        answeredAt = revision;
        following.on = true;
        context.watches().follow(blocked.name(), following, inPlace, revision);
    }

    private void unfollow() {
        if (following.on) {
            following.on = false;
            telling = 0;
            context.watches().unfollow(protocol.names().get(0), following);
        }
    }

    private void changed(long by, KeyChange change) {
        if (!lasting(by) || !later(change)) {
            return;
        }
        if (own(change)) {
            telling = 0;
            read();
        } else if (blockers.contains(change.key())) {
            blockerChanged(change);
        }
    }

    /** Whether it has told everything since the answer. */
    private boolean lasting(long by) {
        return by == telling;
    }

    /** Whether it was not in the answer: the same key may have been there and gone before. */
    private boolean later(KeyChange change) {
        return change.revision() > answeredAt;
    }

    /** Nobody has a right to touch it while it waits. */
    private boolean own(KeyChange change) {
        return change.key().equals(protocol.entries().get(0));
    }

    private void blockerChanged(KeyChange change) {
        if (change.deleted()) {
            blockers.remove(change.key());
            mustGo--;
            if (enoughGone() && change.sole()) {
                verdict.free(change.revision());
            } else if (enoughGone()) {
                // Our own entry may be the next that is told to have gone at that revision.
                telling = 0;
                read();
            }
        } else if (protocol.kind().type() == Kind.Type.SHARED) {
            // A writer can have become a reader.
            telling = 0;
            read();
        }
    }

    private boolean enoughGone() {
        return mustGo == 0;
    }

    /** The answer shows that one has gone who by the watch is there still: it is late, or has fallen silent. */
    private void doubtIfUntold(long inPlace, Standing standing) {
        boolean shown = standing instanceof Standing.Free || standing instanceof Standing.Blocked;
        if (!shown || telling == 0 || telling != inPlace) {
            return;
        }
        Set<String> untold = new HashSet<>(blockers);
        if (standing instanceof Standing.Blocked blocked) {
            blocked.blockers().forEach(key -> untold.remove(key.key()));
        }
        if (!untold.isEmpty()) {
            context.watches().doubt(protocol.names().get(0), telling);
        }
    }

    private void watchNearest(Standing.Blocked blocked) {
        if (!context.passed(watchNotBefore)) {
            // Asked while the last watch broke: its pause is not over.
            readAfter(context.until(watchNotBefore));
            return;
        }
        KeyRange range = KeyRange.single(blocked.blockers().get(0).key());
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
                // Also if it was written over: a writer can have become a reader.
                mailbox.execute(() -> signFrom(range));
            }

            @Override
            public void broken(StoreException cause) {
                mailbox.execute(() -> brokenFor(range));
            }
        });
    }

    /** An answer on its way may be older than the sign. */
    private void signFrom(KeyRange range) {
        if (range.equals(watched)) {
            read();
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
        long inPlace = context.watches().inPlace(protocol.names().get(0));
        context.txn(
                protocol.read(token, readAll),
                false,
                context.options().requestTimeout(),
                mailbox,
                (result, failure) -> answered(inPlace, result, failure));
    }

    private void answered(long inPlace, @Nullable TxnResult result, @Nullable StoreException failure) {
        reading = false;
        if (stopped) {
            return;
        }
        if (failure != null) {
            failed(failure);
        } else if (result != null) {
            backoff.reset();
            decide(result, inPlace);
        }
    }

    private void failed(StoreException failure) {
        if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            context.refreshCredentials(mailbox, () -> readAfter(backoff.next()));
        } else {
            readAfter(backoff.next());
        }
    }

    private void decide(TxnResult result, long inPlace) {
        int left = protocol.own(result, token).size();
        Standing standing = protocol.standing(protocol.queues(result), token);
        doubtIfUntold(inPlace, standing);
        if (left < protocol.entries().size()) {
            verdict.entryGone(left == 0);
        } else if (standing instanceof Standing.Disagreeing disagreeing) {
            verdict.disagreeing(disagreeing);
        } else if (standing instanceof Standing.Blocked blocked) {
            await(blocked, inPlace, result.revision());
            if (readAgain && !following.on) {
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
        poll = context.after(context.outOfStepGathered(pollEvery), mailbox, () -> {
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

    private final class Following implements NameWatch.Follower {

        private volatile boolean on;

        @Override
        public Mailbox mailbox() {
            return mailbox;
        }

        @Override
        public boolean follows() {
            return on;
        }

        @Override
        public void lookAgain() {
            if (on) {
                read();
            }
        }

        @Override
        public void caughtUp(long watch, long since) {
            if (on && since == answeredAt) {
                telling = watch;
            }
        }

        @Override
        public void changed(long watch, KeyChange change) {
            if (on) {
                TurnWait.this.changed(watch, change);
            }
        }

        @Override
        public void broken() {
            if (on) {
                telling = 0;
                readAfter(backoff.next());
            }
        }
    }
}
