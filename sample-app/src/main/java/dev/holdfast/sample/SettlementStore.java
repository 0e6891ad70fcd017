package dev.holdfast.sample;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Which periods are settled, and who did it. */
@Repository
class SettlementStore {

    private final JdbcClient jdbc;

    SettlementStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    boolean isSettled(Instant period) {
        return jdbc.sql("SELECT COUNT(*) FROM settlement WHERE period = :period")
                        .param("period", Timestamp.from(period))
                        .query(Integer.class)
                        .single()
                > 0;
    }

    void add(Settlement settlement) {
        jdbc.sql("INSERT INTO settlement (period, tickets, takings, instance, finished)"
                        + " VALUES (:period, :tickets, :takings, :instance, :finished)")
                .param("period", Timestamp.from(settlement.period()))
                .param("tickets", settlement.tickets())
                .param("takings", settlement.takings())
                .param("instance", settlement.instance())
                .param("finished", Timestamp.from(settlement.finished()))
                .update();
    }

    List<Settlement> latest() {
        return jdbc.sql("SELECT period, tickets, takings, instance, finished FROM settlement"
                        + " ORDER BY finished DESC FETCH FIRST 200 ROWS ONLY")
                .query((row, number) -> new Settlement(
                        row.getTimestamp("period").toInstant(),
                        row.getInt("tickets"),
                        row.getLong("takings"),
                        row.getString("instance"),
                        row.getTimestamp("finished").toInstant()))
                .list();
    }
}
