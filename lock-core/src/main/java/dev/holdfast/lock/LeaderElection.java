package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * An election by name: of all candidates, the one that came first leads until it resigns, dies or is cut off, then the next. Each
 * candidate has a value, a text that says who or where it is, as in {@code etcdctl elect}. Immutable and thread-safe.
 *
 * <p>Methods that ask etcd throw {@link LockUnavailableException} when it does not answer in time and {@link IllegalStateException} when
 * the registry is closed.
 */
public interface LeaderElection {

    String name();

    /**
     * Stands as a candidate until elected, at most {@link LockOptions#waitTime()}. For one term; {@link #stand} stays a candidate.
     *
     * @throws LockNotAcquiredException if others led until the wait ended; no candidate is left behind
     * @throws InterruptedException if interrupted while waiting; no candidate is left behind
     */
    Leadership campaign(String value) throws InterruptedException;

    /** As {@link #campaign(String)} with a wait of its own; empty if others led until it ended. */
    Optional<Leadership> campaign(String value, Duration wait) throws InterruptedException;

    /**
     * Stays a candidate until the candidacy is closed: when elected the listener is told, when leadership is lost it is told that too,
     * and then it is a candidate again. Trouble with etcd is waited out.
     */
    Candidacy stand(String value, LeadershipListener listener);

    /** Who leads now, by one read; empty if nobody does. */
    CompletableFuture<Optional<Leader>> leader();

    /**
     * Tells who leads, at once and whenever that changes, the last state of several quick changes; on the registry's callback
     * executor, one call at a time. What the observer throws is logged and ignored. Close to end it.
     */
    Observation observe(Consumer<Optional<Leader>> observer);

    /**
     * Who leads.
     *
     * @param value what the leader says of itself
     * @param term fencing token of its leadership: grows with every election
     */
    record Leader(String value, long term) {}

    /** A lasting candidacy; closing it resigns, tells the listener and returns when no candidate is left. Idempotent. */
    interface Candidacy extends AutoCloseable {

        /** Whether this candidate leads now; as {@link LockHandle#isHeld()}, false before anybody else can be elected. */
        boolean isLeader();

        /** The present leadership; empty if it does not lead now. */
        Optional<Leadership> leadership();

        /** Gives up leadership, if any, and is a candidate again behind those who wait. */
        void resign();

        @Override
        void close();
    }

    /** A running observation. Closing it ends the calls; one that runs is not waited for. Idempotent. */
    interface Observation extends AutoCloseable {

        @Override
        void close();
    }
}
