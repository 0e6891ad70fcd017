package dev.holdfast.sample.page;

import dev.holdfast.sample.SampleProperties;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Which instances there are: each writes its address into the database once a second. The database and not a lock, since the page should
 * know them without etcd too, and how long an instance has been silent is what one wants to see of one that is gone.
 */
@Component
class Roster {

    private static final Logger log = LoggerFactory.getLogger(Roster.class);
    private static final Duration FORGOTTEN = Duration.ofMinutes(2);

    /** Far more than an instance that is alive takes from one sign to the next. */
    private static final int SILENT_SECONDS = 10;

    private final JdbcClient jdbc;
    private final SampleProperties properties;
    private final String address;
    private final String host;
    private final long pid;
    private volatile @Nullable String url;
    private boolean failing;

    @Autowired
    Roster(JdbcClient jdbc, SampleProperties properties, @Value("${server.address:localhost}") String address) {
        this(jdbc, properties, address, host(), ProcessHandle.current().pid());
    }

    Roster(JdbcClient jdbc, SampleProperties properties, String address, String host, long pid) {
        this.jdbc = jdbc;
        this.properties = properties;
        this.address = address.equals("0.0.0.0") ? "localhost" : address;
        this.host = host;
        this.pid = pid;
    }

    @EventListener
    void listening(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() != null) {
            return; // Actuator's own port
        }
        listening(event.getWebServer().getPort());
    }

    void listening(int port) {
        String given = properties.page().url();
        url = given == null ? "http://" + address + ":" + port : given;
    }

    @Scheduled(fixedDelay = 1000)
    synchronized void sayHere() {
        String present = url;
        if (present == null) {
            return;
        }
        try {
            write(present);
            failing = false;
        } catch (DataAccessException failure) {
            if (!failing) {
                log.warn("Could not write that this instance is here: {}", failure.getMessage());
            }
            failing = true;
        }
    }

    @EventListener(ContextClosedEvent.class)
    synchronized void leave() {
        if (url == null) {
            return;
        }
        url = null;
        try {
            jdbc.sql("DELETE FROM instance WHERE id = :id").param("id", id()).update();
        } catch (DataAccessException gone) {
            log.debug("The database was gone first", gone);
        }
    }

    /** Also those that were silent for some time; the names in their order. */
    List<Picture.Seen> all() {
        return jdbc
                .sql("SELECT name, url, host, pid, seen, CURRENT_TIMESTAMP AS present FROM instance ORDER BY name")
                .query((row, number) -> new Picture.Seen(
                        row.getString("name"),
                        row.getString("url"),
                        row.getString("host"),
                        row.getLong("pid"),
                        silence(row.getTimestamp("seen"), row.getTimestamp("present"))))
                .list()
                .stream()
                .filter(seen -> seen.silentMillis() < FORGOTTEN.toMillis())
                .toList();
    }

    private void write(String present) {
        int rows = jdbc.sql("UPDATE instance SET seen = CURRENT_TIMESTAMP, name = :name, url = :url WHERE id = :id")
                .param("id", id())
                .param("name", properties.instance())
                .param("url", present)
                .update();
        if (rows > 0) {
            return;
        }
        // Whoever was at this address before is gone, and who was killed could not leave. But instances on several
        // machines may have the same address at the same time, such as http://localhost:8080.
        jdbc.sql("DELETE FROM instance WHERE url = :url AND (host = :host OR seen < CURRENT_TIMESTAMP - INTERVAL '"
                        + SILENT_SECONDS + "' SECOND) OR seen < CURRENT_TIMESTAMP - INTERVAL '1' HOUR")
                .param("url", present)
                .param("host", host)
                .update();
        jdbc.sql("INSERT INTO instance (id, name, url, host, pid, seen)"
                        + " VALUES (:id, :name, :url, :host, :pid, CURRENT_TIMESTAMP)")
                .param("id", id())
                .param("name", properties.instance())
                .param("url", present)
                .param("host", host)
                .param("pid", pid)
                .update();
    }

    private String id() {
        return host + ":" + pid;
    }

    private static long silence(Timestamp seen, Timestamp present) {
        return Math.max(
                0, Duration.between(seen.toInstant(), present.toInstant()).toMillis());
    }

    /** As entries of locks call it, so that the two can be matched. */
    private static String host() {
        String fromEnvironment = System.getenv("HOSTNAME");
        if (fromEnvironment != null && !fromEnvironment.isBlank()) {
            return fromEnvironment;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unresolved) {
            return "unknown";
        }
    }
}
