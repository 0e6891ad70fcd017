package dev.holdfast.sample.page;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What the database says of events, tickets and turns at the till. */
@Repository
class Bookings {

    private static final int EVENTS = 6;

    private final JdbcClient jdbc;

    Bookings(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record EventRow(long id, String title, int seats) {}

    private record SellerRow(long eventId, String instance, boolean locked, int tickets) {}

    /** The newest first. */
    List<Picture.Sale> latest() {
        List<EventRow> events = jdbc.sql(
                        "SELECT id, title, seats FROM event ORDER BY id DESC FETCH FIRST " + EVENTS + " ROWS ONLY")
                .query(EventRow.class)
                .list();
        if (events.isEmpty()) {
            return List.of();
        }
        List<SellerRow> sellers = jdbc.sql("SELECT event_id, instance, fence > 0 AS locked, COUNT(*) AS tickets"
                        + " FROM ticket WHERE event_id >= :oldest GROUP BY event_id, instance, fence > 0"
                        + " ORDER BY instance")
                .param("oldest", events.get(events.size() - 1).id())
                .query(SellerRow.class)
                .list();
        return events.stream().map(event -> sale(event, sellers)).toList();
    }

    /** Of the last minute or so, by lock and token. */
    List<Holding> holdings(List<Picture.Sale> sales) {
        List<Holding> holdings = new ArrayList<>(turns());
        if (!sales.isEmpty()) {
            holdings.addAll(jdbc.sql("SELECT event_id, instance, fence, sold, waited_millis FROM ticket"
                            + " WHERE event_id >= :oldest AND fence > 0 ORDER BY event_id, fence")
                    .param("oldest", sales.get(sales.size() - 1).id())
                    .query((row, number) -> sold(row))
                    .list());
        }
        return holdings;
    }

    private List<Holding> turns() {
        return jdbc.sql("SELECT token, instance, began FROM till_turn ORDER BY token")
                .query((row, number) -> new Holding(
                        "till",
                        row.getString("instance"),
                        row.getLong("token"),
                        row.getTimestamp("began").toInstant(),
                        -1))
                .list();
    }

    private static Holding sold(ResultSet row) throws SQLException {
        return new Holding(
                "booking:event:" + row.getLong("event_id"),
                row.getString("instance"),
                row.getLong("fence"),
                row.getTimestamp("sold").toInstant(),
                row.getLong("waited_millis"));
    }

    private static Picture.Sale sale(EventRow event, List<SellerRow> sellers) {
        List<SellerRow> own =
                sellers.stream().filter(row -> row.eventId() == event.id()).toList();
        int locked = sum(own.stream().filter(SellerRow::locked));
        int unlocked = sum(own.stream().filter(row -> !row.locked()));
        return new Picture.Sale(
                event.id(),
                event.title(),
                event.seats(),
                locked,
                unlocked,
                Math.max(0, locked + unlocked - event.seats()),
                own.stream()
                        .map(row -> new Picture.Seller(row.instance(), row.tickets()))
                        .toList());
    }

    private static int sum(Stream<SellerRow> rows) {
        return rows.mapToInt(SellerRow::tickets).sum();
    }
}
