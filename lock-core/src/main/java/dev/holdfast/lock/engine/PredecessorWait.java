package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Waits until an entry is the first of its name. Watches only the nearest entry before it, so that one release wakes one waiter; but a
 * watch is a hint: each of its signs, its end, and a tick of the clock lead to a read, and only a read decides. Events run in the
 * owner's mailbox.
 */
final class PredecessorWait {

    /** What a read decided. */
    interface Verdict {

        /** Our entry is there and nobody is before it. Ask {@link #readAfter} to have it decided again. */
        void first();

        /** Our entry is not there any more. */
        void entryGone();
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
    private @Nullable String watchedKey;
    private long watchedSince;
    private long watchNotBefore;
    private LockStore.@Nullable Watch watch;
    private TimeSource.@Nullable Timer poll;
    private TimeSource.@Nullable Timer retry;

    PredecessorWait(
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

    /** Starts with what the joining transaction read; null: it did not see far enough. */
    void start(@Nullable KeyValue predecessor) {
        armPoll();
        if (predecessor == null) {
            readAll = true;
            read();
        } else {
            watch(predecessor.key());
        }
    }

    void stop() {
        stopped = true;
        closeWatch();
        cancel(poll);
        cancel(retry);
    }

    void readAfter(Duration delay) {
        cancel(retry);
        retry = context.after(delay, mailbox, this::read);
    }

    private void watch(String key) {
        if (key.equals(watchedKey)) {
            return;
        }
        closeWatch();
        watchedKey = key;
        watchedSince = context.time().nanoTime();
        watch = context.store().watch(KeyRange.single(key), new LockStore.Watcher() {
            @Override
            public void ready() {
                // What happened before the watch was in place, only a read can tell.
                mailbox.execute(() -> signFrom(key));
            }

            @Override
            public void changed(KeyChange change) {
                if (change.deleted()) {
                    mailbox.execute(() -> signFrom(key));
                }
            }

            @Override
            public void broken(StoreException cause) {
                mailbox.execute(() -> brokenFor(key));
            }
        });
    }

    private void signFrom(String key) {
        if (key.equals(watchedKey)) {
            read();
        }
    }

    private void brokenFor(String key) {
        if (!stopped && key.equals(watchedKey)) {
            watch = null;
            watchedKey = null;
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
        OpResult.Keys own = result.keys(0);
        OpResult.Keys before = result.keys(1);
        if (own.keys().isEmpty() || own.keys().get(0).createRevision() != token) {
            verdict.entryGone();
            return;
        }
        KeyValue predecessor = protocol.predecessor(before, token);
        if (predecessor != null) {
            if (context.passed(watchNotBefore)) {
                watch(predecessor.key());
            } else {
                // Asked while the last watch broke: its pause is not over.
                readAfter(context.until(watchNotBefore));
            }
            if (readAgain) {
                read();
            }
        } else if (before.more()) {
            readAll = true;
            read();
        } else {
            verdict.first();
        }
    }

    private void armPoll() {
        long nanos = pollEvery.toNanos();
        // 20 % to either side, so that many waiters do not read in step.
        Duration delay = Duration.ofNanos(nanos * 4 / 5 + context.random().nextLong(nanos * 2 / 5));
        poll = context.after(delay, mailbox, () -> {
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
            watchedKey = null;
        }
    }

    private static void cancel(TimeSource.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
