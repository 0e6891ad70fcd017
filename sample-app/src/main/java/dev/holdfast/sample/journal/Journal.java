package dev.holdfast.sample.journal;

import dev.holdfast.sample.SampleProperties;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Writes down what happens to this instance, and reads what happened to all. Thread-safe. */
@Repository
public class Journal {

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private static final int KEPT = 1000;

    private final JdbcClient jdbc;
    private final String instance;

    Journal(JdbcClient jdbc, SampleProperties properties) {
        this.jdbc = jdbc;
        this.instance = properties.instance();
    }

    /** Never fails: what the database does not take is in the log only. */
    public void add(Happening.Kind kind, String lock, String words) {
        log.info("{} {}: {}", kind, lock, words);
        try {
            jdbc.sql("INSERT INTO journal (instance, kind, lock_name, words)"
                            + " VALUES (:instance, :kind, :lock, :words)")
                    .param("instance", instance)
                    .param("kind", kind.name())
                    .param("lock", lock)
                    .param("words", words)
                    .update();
            jdbc.sql("DELETE FROM journal WHERE id < (SELECT MAX(id) FROM journal) - " + KEPT)
                    .update();
        } catch (DataAccessException failure) {
            log.warn("The journal could not be written: {}", failure.getMessage());
        }
    }

    /** The newest first. */
    public List<Happening> latest(int limit) {
        return jdbc.sql("SELECT id, written, instance, kind, lock_name, words FROM journal"
                        + " ORDER BY id DESC FETCH FIRST " + limit + " ROWS ONLY")
                .query((row, number) -> new Happening(
                        row.getLong("id"),
                        row.getTimestamp("written").toInstant(),
                        row.getString("instance"),
                        Happening.Kind.valueOf(row.getString("kind")),
                        row.getString("lock_name"),
                        row.getString("words")))
                .list();
    }
}
