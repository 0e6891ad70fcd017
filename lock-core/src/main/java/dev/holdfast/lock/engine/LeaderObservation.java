package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an observer who leads. A watch on the name is a hint and a read is the truth, as in {@link TurnWait}: the watch coming
 * into being, a change that can matter, and a tick of the clock lead to a read. Candidates who come and go behind the leader cost
 * nothing. Events run in the mailbox; the observer is called in turns, and of several states in a row hears the last.
 */
final class LeaderObservation implements LeaderElection.Observation {

    private static final Logger log = LoggerFactory.getLogger(LeaderObservation.class);

    private final LockEngine engine;
    private final EngineContext context;
    private final Candidates candidates;
    private final Duration pollEvery;
    private final Consumer<Optional<Leader>> observer;
    private final Mailbox mailbox = new Mailbox();
    private final Turns turns;
    private final Backoff readBackoff;
    private final Backoff watchBackoff;

    /** Seen and not told yet; null: nothing. */
    private final AtomicReference<@Nullable Optional<Leader>> untold = new AtomicReference<>();

    private volatile boolean closed;

    // Of the turns:
    private @Nullable Optional<Leader> told;

    // Of the mailbox:
    private boolean reading;
    private boolean readAgain;
    private boolean readAll;
    private boolean failureLogged;

    /** What the last read saw. */
    private @Nullable String leadingKey;

    private long readAt;

    /** Newest change told while a read was under way, which may or may not have seen it. */
    private long changedAt;

    private int watches;
    private long watchedSince;
    private LockStore.@Nullable Watch watch;
    private TimeSource.@Nullable Timer poll;
    private TimeSource.@Nullable Timer nextRead;
    private TimeSource.@Nullable Timer nextWatch;

    LeaderObservation(
            LockEngine engine,
            EngineContext context,
            Candidates candidates,
            Duration pollEvery,
            Consumer<Optional<Leader>> observer) {
        this.engine = engine;
        this.context = context;
        this.candidates = candidates;
        this.pollEvery = pollEvery;
        this.observer = observer;
        this.turns = new Turns(context.callbacks());
        this.readBackoff = Backoff.upTo(pollEvery, context.random());
        this.watchBackoff = new Backoff(context.random());
    }

    void start() {
        engine.elections().add(this);
        mailbox.execute(() -> {
            openWatch();
            read();
            armPoll();
        });
        if (engine.closed()) {
            // Whoever closed it may not have seen us.
            close();
        }
    }

    @Override
    public void close() {
        closed = true;
        mailbox.execute(() -> {
            if (watch != null) {
                watch.close();
                watch = null;
            }
            EngineContext.cancel(poll);
            EngineContext.cancel(nextRead);
            EngineContext.cancel(nextWatch);
        });
        engine.elections().remove(this);
    }

    private void openWatch() {
        if (closed) {
            return;
        }
        watchedSince = context.time().nanoTime();
        int number = ++watches;
        watch = context.store().watch(candidates.range(), new LockStore.Watcher() {
            @Override
            public void ready() {
                // What happened before the watch was in place, only a read can tell.
                mailbox.execute(LeaderObservation.this::read);
            }

            @Override
            public void changed(KeyChange change) {
                mailbox.execute(() -> noticed(change));
            }

            @Override
            public void broken(StoreException cause) {
                mailbox.execute(() -> brokenWatch(number));
            }
        });
    }

    private void noticed(KeyChange change) {
        if (reading) {
            changedAt = Math.max(changedAt, change.revision());
        } else if (change.revision() > readAt && canMatter(change)) {
            read();
        }
    }

    /** While somebody leads, only that key can change it: all others are younger. */
    private boolean canMatter(KeyChange change) {
        return leadingKey == null
                ? !change.deleted() && candidates.competes(change.key())
                : leadingKey.equals(change.key());
    }

    private void brokenWatch(int number) {
        if (closed || number != watches) {
            return;
        }
        watch = null;
        if (context.time().nanoTime() - watchedSince > pollEvery.toNanos()) {
            // It worked for a while. One that only came into being is no progress: the next may break as soon.
            watchBackoff.reset();
        }
        // After a pause, since all watches of a connection break together. The new one leads to a read.
        nextWatch = context.after(watchBackoff.next(), mailbox, this::openWatch);
    }

    private void read() {
        if (closed) {
            return;
        }
        if (reading) {
            readAgain = true;
            return;
        }
        reading = true;
        readAgain = false;
        context.txn(candidates.read(readAll), false, context.options().requestTimeout(), mailbox, this::answered);
    }

    private void answered(@Nullable TxnResult result, @Nullable StoreException failure) {
        reading = false;
        if (closed) {
            return;
        }
        if (failure != null) {
            failed(failure);
        } else if (result != null) {
            readBackoff.reset();
            failureLogged = false;
            decide(result);
        }
    }

    private void decide(TxnResult result) {
        KeyValue leading = candidates.leading(result.keys(0));
        if (leading == null && result.keys(0).more()) {
            readAll = true;
            read();
            return;
        }
        leadingKey = leading == null ? null : leading.key();
        readAt = result.revision();
        seen(Candidates.leader(leading));
        if (readAgain || changedAt > readAt) {
            changedAt = 0;
            read();
        }
    }

    private void failed(StoreException failure) {
        if (failure.kind() == StoreException.Kind.CLOSED) {
            close();
            return;
        }
        if (!failureLogged) {
            failureLogged = true;
            log.warn(
                    "Who leads in election '{}' cannot be read ({}); trying again",
                    candidates.name(),
                    failure.getMessage());
        }
        if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            context.refreshCredentials(mailbox, this::readLater);
        } else {
            readLater();
        }
    }

    private void readLater() {
        if (!closed) {
            EngineContext.cancel(nextRead);
            nextRead = context.after(readBackoff.next(), mailbox, this::read);
        }
    }

    private void armPoll() {
        if (closed) {
            return;
        }
        poll = context.after(context.outOfStepGathered(pollEvery), mailbox, () -> {
            read();
            armPoll();
        });
    }

    private void seen(Optional<Leader> leader) {
        if (untold.getAndSet(leader) == null) {
            turns.execute(this::tell);
        }
    }

    private void tell() {
        Optional<Leader> newest = untold.getAndSet(null);
        if (closed || newest == null || newest.equals(told)) {
            return;
        }
        told = newest;
        try {
            observer.accept(newest);
        } catch (Throwable failure) {
            log.warn("Observer {} of election '{}' failed", observer.getClass().getName(), candidates.name(), failure);
        }
    }
}
