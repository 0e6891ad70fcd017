package dev.holdfast.sample.page;

import dev.holdfast.sample.journal.Happening;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the page shows, at one moment.
 *
 * @param here name of the instance that sees it so
 * @param controls whether the buttons work
 * @param freezeSeconds how long the button stops an instance
 * @param hammerSeconds how long the button lets customers rush in
 * @param ttlSeconds how long a lock outlives its holder
 * @param locks names in use; empty if the store does not answer
 * @param locksError why not; null if it does
 * @param sales the latest events, the newest first
 * @param happenings the newest first
 */
record Picture(
        Instant at,
        String here,
        boolean controls,
        long freezeSeconds,
        long hammerSeconds,
        long ttlSeconds,
        List<Seen> instances,
        List<QueueView> locks,
        @Nullable String locksError,
        List<Sale> sales,
        Waits waits,
        List<HandOvers> handOvers,
        List<Happening> happenings) {

    /**
     * An instance, as it said of itself last.
     *
     * @param silentMillis since then
     */
    record Seen(String name, String url, String host, long pid, long silentMillis) {}

    /** Who holds a name, and who waits in which order. */
    record QueueView(String name, String kind, List<EntryView> holders, List<EntryView> waiters) {}

    /**
     * One entry in the queue of a name.
     *
     * @param instance name of the instance whose it is; null if it is none that is known
     * @param owner application, host and process, as the entry says
     * @param since by the clock of its owner; null if it does not say
     * @param place create revision: the lower, the earlier
     * @param token fencing token; null where it is not known here
     * @param remainingMillis until it goes unless it is renewed; null if that is not known
     */
    record EntryView(
            @Nullable String instance,
            String owner,
            @Nullable Instant since,
            long place,
            @Nullable Long token,
            @Nullable Long remainingMillis) {}

    /**
     * How an event sells.
     *
     * @param locked tickets sold with the lock
     * @param unlocked tickets sold without
     * @param oversold tickets beyond the seats
     * @param sellers of these tickets
     */
    record Sale(long id, String title, int seats, int locked, int unlocked, int oversold, List<Seller> sellers) {}

    /** How many tickets an instance has sold. */
    record Seller(String instance, int tickets) {}

    /**
     * How long buyers of the latest tickets waited for the lock.
     *
     * @param upTo upper bounds in milliseconds; the last count is of those beyond the last bound
     */
    record Waits(List<Long> upTo, List<Integer> counts) {}

    /**
     * What the tokens of some seconds tell: each is greater than the one before, whoever got it.
     *
     * @param second when they began
     * @param between locks that went from one instance to another
     * @param within locks that went from one caller to the next in the same instance
     */
    record HandOvers(Instant second, int between, int within) {}
}
