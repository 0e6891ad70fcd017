package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One watch on all entries of a name, for every wait of this process there. It stays open for a while after the last of them, so that
 * the next finds it in place: then what it tells decides, and nobody reads. Made anew when it breaks, as long as somebody needs it.
 * Events run in the mailbox; followers are told in theirs, in the order of the changes.
 */
final class NameWatch {

    /** Somebody who waits. Told in its mailbox. */
    interface Follower {

        Mailbox mailbox();

        /** Asked on any thread; who says no is told nothing more, but for what is under way. */
        boolean follows();

        /** The watch is in place, but what has happened since the answer that the follower knows, only a read can tell. */
        void lookAgain();

        /** From now on that watch tells every change after that revision, from the first to the last. */
        void caughtUp(long watch, long since);

        /** A change, perhaps told before. */
        void changed(long watch, KeyChange change);

        /** From now on changes may go untold, until {@link #lookAgain()}. */
        void broken();
    }

    /** How long it outlives the last who needs it. */
    static final Duration LINGER = Duration.ofSeconds(5);

    /** Many times what happens to a name while a request is under way. */
    private static final int MOST_RECENT = 128;

    private final NameWatches watches;
    private final TimeSource time;
    private final String name;
    private final Backoff backoff;
    private final Mailbox mailbox = new Mailbox();

    /** Number of the watch that is in place; 0: none is. Read on any thread before a request is sent. */
    private volatile long inPlace;

    /** Few: one of each queue. */
    private final List<Follower> followers = new ArrayList<>(1);

    /** What the watch told last, for those whose answers come later. All after revision {@link #forgotten} is there. */
    private final Deque<KeyChange> recent = new ArrayDeque<>(1);

    private long forgotten;
    private long number;
    private long openedAt;
    private long idleSince;
    private boolean retired;
    private LockStore.@Nullable Watch watch;
    private TimeSource.@Nullable Timer reopening;
    private TimeSource.@Nullable Timer lingering;

    NameWatch(NameWatches watches, TimeSource time, Backoff backoff, String name) {
        this.watches = watches;
        this.time = time;
        this.backoff = backoff;
        this.name = name;
    }

    long inPlace() {
        return inPlace;
    }

    /**
     * Tells the follower every change after that revision; or to look again, if not all of them are known any more.
     *
     * @param since revision of an answer that the follower has
     * @param at watch that was in place when the request for it was sent: it has told, or will tell, whatever came after it
     */
    void follow(Follower follower, long at, long since) {
        mailbox.execute(() -> {
            if (retired) {
                watches.follow(name, follower, at, since);
                return;
            }
            if (watches.closed()) {
                retire();
                return;
            }
            if (follower.follows()) {
                if (!followers.contains(follower)) {
                    followers.add(follower);
                }
                catchUp(follower, at, since);
            }
            lingerIfIdle();
        });
    }

    void unfollow(Follower follower) {
        mailbox.execute(() -> {
            if (retired) {
                watches.unfollow(name, follower);
            } else if (followers.remove(follower)) {
                lingerIfIdle();
            }
        });
    }

    /** A read saw what that watch ought to have told by then: it may have fallen silent, so there shall be another. */
    void doubt(long silent) {
        mailbox.execute(() -> {
            if (silent == number && inPlace == silent && watch != null) {
                watch.close();
                ended();
            }
        });
    }

    /**
     * So many wait for the name that a watch on it would be told of each of them, so it is closed unless somebody follows it; but the name
     * stays known as contended for as long as the watch would have stayed.
     */
    void rest() {
        mailbox.execute(() -> {
            if (retired) {
                watches.rest(name);
            } else if (watches.closed()) {
                retire();
            } else if (followers.isEmpty()) {
                if (watch != null) {
                    watch.close();
                    forget();
                }
                lingerIfIdle();
            }
        });
    }

    void closeIfIdle() {
        mailbox.execute(() -> {
            if (followers.isEmpty()) {
                retire();
            }
        });
    }

    void close() {
        mailbox.execute(this::retire);
    }

    private void catchUp(Follower follower, long at, long since) {
        if (watch == null && reopening == null) {
            open();
        } else if (inPlace == 0) {
            return; // it is told when the watch is in place
        } else if (at == inPlace && since >= forgotten) {
            follower.mailbox().execute(() -> follower.caughtUp(at, since));
            repeat(follower, since);
        } else {
            follower.mailbox().execute(follower::lookAgain);
        }
    }

    /** The follower's answer is older than what was told meanwhile. */
    private void repeat(Follower follower, long since) {
        for (KeyChange change : recent) {
            if (change.revision() > since) {
                tell(follower, change);
            }
        }
    }

    private void tell(Follower follower, KeyChange change) {
        long watchNumber = number;
        follower.mailbox().execute(() -> follower.changed(watchNumber, change));
    }

    private void open() {
        reopening = null;
        if (retired) {
            return;
        }
        long opened = watches.nextNumber();
        number = opened;
        openedAt = time.nanoTime();
        watch = watches.open(name, new LockStore.Watcher() {
            @Override
            public void ready() {
                mailbox.execute(() -> opened(opened));
            }

            @Override
            public void changed(KeyChange change) {
                mailbox.execute(() -> told(opened, change));
            }

            @Override
            public void broken(StoreException cause) {
                mailbox.execute(() -> broke(opened));
            }
        });
    }

    private void opened(long opened) {
        if (!retired && opened == number) {
            inPlace = opened;
            // What happened before the watch was in place, only a read can tell.
            followers.forEach(follower -> follower.mailbox().execute(follower::lookAgain));
        }
    }

    private void told(long opened, KeyChange change) {
        if (!retired && opened == number) {
            remember(change);
            followers.forEach(follower -> tell(follower, change));
        }
    }

    private void broke(long opened) {
        if (!retired && opened == number) {
            ended();
        }
    }

    private void remember(KeyChange change) {
        if (!recent.isEmpty() && change.revision() < recent.getLast().revision()) {
            return; // a repetition
        }
        recent.add(change);
        if (recent.size() > MOST_RECENT) {
            forgotten = recent.remove().revision();
        }
    }

    /** Another watch has another number, so that nothing this one told is taken together with what that one tells. */
    private void ended() {
        forget();
        if (followers.isEmpty()) {
            retire();
            return;
        }
        if (time.nanoTime() - openedAt > LINGER.toNanos()) {
            // It worked for a while. One that only came into being is no progress: the next may break as soon.
            backoff.reset();
        }
        // After a pause, since all watches of a connection break together.
        reopening = after(backoff.next(), this::open);
        followers.forEach(follower -> follower.mailbox().execute(follower::broken));
    }

    private void forget() {
        watch = null;
        inPlace = 0;
        number = 0;
        recent.clear();
        forgotten = 0;
    }

    private void lingerIfIdle() {
        if (followers.isEmpty()) {
            idleSince = time.nanoTime();
            if (lingering == null) {
                linger(LINGER);
                watches.lingers(this);
            }
        }
    }

    /** One timer for many who come and go meanwhile. */
    private void linger(Duration left) {
        lingering = after(left, () -> {
            lingering = null;
            long past = time.nanoTime() - idleSince - LINGER.toNanos();
            if (!followers.isEmpty()) {
                watches.lingersNoMore(this);
            } else if (past >= 0) {
                retire();
            } else {
                linger(Duration.ofNanos(-past));
            }
        });
    }

    private TimeSource.Timer after(Duration delay, Runnable event) {
        return time.schedule(delay, () -> mailbox.execute(event));
    }

    private void retire() {
        if (retired) {
            return;
        }
        retired = true;
        inPlace = 0;
        watches.retired(name, this);
        if (watch != null) {
            watch.close();
            watch = null;
        }
        EngineContext.cancel(reopening);
        EngineContext.cancel(lingering);
        followers.clear();
        recent.clear();
    }
}
