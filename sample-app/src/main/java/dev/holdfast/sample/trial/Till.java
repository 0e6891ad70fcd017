package dev.holdfast.sample.trial;

import dev.holdfast.lock.FencedException;
import dev.holdfast.sample.SampleProperties;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The till in the database: one row that remembers the greatest token it has seen. Each method is a transaction of its own. */
@Repository
class Till {

    /** Name of the lock of whoever counts. */
    static final String LOCK = "till";

    private final JdbcClient jdbc;
    private final String instance;

    Till(JdbcClient jdbc, SampleProperties properties) {
        this.jdbc = jdbc;
        this.instance = properties.instance();
    }

    Optional<TillCount> last() {
        return jdbc.sql("SELECT instance, tickets, finished, fence, written, CURRENT_TIMESTAMP AS present FROM till")
                .query((row, number) -> new TillCount(
                        row.getString("instance"),
                        row.getInt("tickets"),
                        row.getBoolean("finished"),
                        row.getLong("fence"),
                        between(row.getTimestamp("written"), row.getTimestamp("present"))))
                .optional();
    }

    /** @throws FencedException if a later holder has written */
    @Transactional
    public void begin(long token) {
        write(token, false);
        jdbc.sql("INSERT INTO till_turn (token, instance) VALUES (:token, :instance)")
                .param("token", token)
                .param("instance", instance)
                .update();
        jdbc.sql("DELETE FROM till_turn WHERE token NOT IN"
                        + " (SELECT token FROM till_turn ORDER BY token DESC FETCH FIRST 200 ROWS ONLY)")
                .update();
    }

    /** @throws FencedException if a later holder has written */
    @Transactional
    public void count(long token, boolean finished) {
        write(token, finished);
    }

    private void write(long token, boolean finished) {
        int rows = jdbc.sql("UPDATE till SET instance = :instance, tickets = (SELECT COUNT(*) FROM ticket),"
                        + " finished = :finished, fence = :token, written = CURRENT_TIMESTAMP"
                        + " WHERE id = 1 AND fence <= :token")
                .param("instance", instance)
                .param("finished", finished)
                .param("token", token)
                .update();
        if (rows == 0) {
            last().ifPresent(last -> {
                throw new FencedException(LOCK, token, last.fence());
            });
            insert(token, finished);
        }
    }

    private void insert(long token, boolean finished) {
        jdbc.sql("INSERT INTO till (id, instance, tickets, finished, fence, written)"
                        + " VALUES (1, :instance, 0, :finished, :token, CURRENT_TIMESTAMP)")
                .param("instance", instance)
                .param("finished", finished)
                .param("token", token)
                .update();
    }

    private static Duration between(Timestamp from, Timestamp to) {
        return Duration.between(from.toInstant(), to.toInstant());
    }
}
