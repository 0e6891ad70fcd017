package dev.holdfast.sample;

import dev.holdfast.lock.FencedException;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Events and tickets in the database. Each method is a transaction of its own. */
@Repository
class TicketStore {

    private final JdbcClient jdbc;

    TicketStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Event create(String title, int seats, int price) {
        var id = new GeneratedKeyHolder();
        jdbc.sql("INSERT INTO event (title, seats, price) VALUES (:title, :seats, :price)")
                .param("title", title)
                .param("seats", seats)
                .param("price", price)
                .update(id, "id");
        return find(Objects.requireNonNull(id.getKeyAs(Long.class)));
    }

    Event find(long eventId) {
        return jdbc.sql("SELECT id, title, seats, price FROM event WHERE id = :id")
                .param("id", eventId)
                .query(Event.class)
                .optional()
                .orElseThrow(() -> new NoSuchEventException(eventId));
    }

    Sales sales(long eventId) {
        return jdbc.sql("SELECT COUNT(*) AS sold, COALESCE(SUM(price), 0) AS takings FROM ticket WHERE event_id = :id")
                .param("id", eventId)
                .query(Sales.class)
                .single();
    }

    Sales sales() {
        return jdbc.sql("SELECT COUNT(*) AS sold, COALESCE(SUM(price), 0) AS takings FROM ticket")
                .query(Sales.class)
                .single();
    }

    void add(Ticket ticket) {
        jdbc.sql("INSERT INTO ticket (id, event_id, customer, price, instance, fence, waited_millis)"
                        + " VALUES (:id, :eventId, :customer, :price, :instance, :fence, :waitedMillis)")
                .paramSource(ticket)
                .update();
    }

    /**
     * Adds the ticket unless a later holder of the event's lock has written already. The database remembers the highest token it has
     * seen, so a seller that was paused until its lock had gone to another can no longer write.
     */
    @Transactional
    void addFenced(Ticket ticket) {
        int current = jdbc.sql("UPDATE event SET fence = :fence WHERE id = :eventId AND fence <= :fence")
                .paramSource(ticket)
                .update();
        if (current == 0) {
            throw new FencedException("booking:event:" + ticket.eventId(), ticket.fence(), 0);
        }
        add(ticket);
    }
}
