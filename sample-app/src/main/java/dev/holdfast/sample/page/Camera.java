package dev.holdfast.sample.page;

import dev.holdfast.lock.LockException;
import dev.holdfast.sample.SampleProperties;
import dev.holdfast.sample.journal.Journal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Takes the picture of what goes on, from etcd and the database. */
@Component
class Camera {

    private static final int HAPPENINGS = 40;

    private final Roster roster;
    private final Queues queues;
    private final Bookings bookings;
    private final Journal journal;
    private final SampleProperties properties;

    Camera(Roster roster, Queues queues, Bookings bookings, Journal journal, SampleProperties properties) {
        this.roster = roster;
        this.queues = queues;
        this.bookings = bookings;
        this.journal = journal;
        this.properties = properties;
    }

    /** @throws org.springframework.dao.DataAccessException if the database does not answer; etcd may be away */
    Picture take() {
        List<Picture.Seen> instances = roster.all();
        List<Picture.Sale> sales = bookings.latest();
        List<Holding> holdings = bookings.holdings(sales);
        Tokens tokens = new Tokens();
        holdings.forEach(holding -> tokens.add(holding.lock(), holding.instance(), holding.token()));
        List<Picture.QueueView> locks = List.of();
        @Nullable String error = null;
        try {
            locks = queues.look(instances, tokens);
        } catch (LockException | IllegalStateException failure) {
            error = failure.getMessage();
        }
        Instant now = Instant.now();
        return new Picture(
                now,
                properties.instance(),
                properties.page().controls(),
                properties.page().freeze().toSeconds(),
                properties.page().hammer().toSeconds(),
                properties.booking().ttl().toSeconds(),
                instances,
                locks,
                error,
                sales,
                Statistics.waits(holdings),
                Statistics.handOvers(holdings, now),
                journal.latest(HAPPENINGS));
    }
}
