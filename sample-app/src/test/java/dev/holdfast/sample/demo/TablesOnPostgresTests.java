package dev.holdfast.sample.demo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ScriptUtils;

/** Instances that start together on an empty PostgreSQL, with the settings of the profile and nothing of the sample but its tables. */
class TablesOnPostgresTests {

    private static final int INSTANCES = 6;

    @TempDir
    static Path directory;

    private static Postgres postgres;

    private final ExecutorService instances = Executors.newFixedThreadPool(INSTANCES);

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = new Postgres(directory);
        await().atMost(60, SECONDS)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    postgres.connect("postgres").close();
                    return true;
                });
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @AfterEach
    void endInstances() {
        instances.shutdownNow();
    }

    @Test
    void whoComesWhileAnotherMakesTheTablesWaitsAndStarts() throws Exception {
        create("two");
        try (Connection first = postgres.connect("two")) {
            ScriptUtils.executeSqlScript(first, new ClassPathResource("schema-postgres-begin.sql"));
            ScriptUtils.executeSqlScript(first, new ClassPathResource("schema.sql"));
            Future<Integer> second = instances.submit(() -> tablesAfterStart("two"));
            await().atMost(60, SECONDS).until(() -> second.isDone() || waiting("two") == 1);
            assertThat(second).isNotDone();
            ScriptUtils.executeSqlScript(first, new ClassPathResource("schema-postgres-end.sql"));
            assertThat(second.get(60, SECONDS)).isEqualTo(tables(first)).isPositive();
        }
    }

    @Test
    void manyStartTogether() throws Exception {
        create("many");
        List<Future<Integer>> starts = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            starts.add(instances.submit(() -> tablesAfterStart("many")));
        }
        for (Future<Integer> start : starts) {
            assertThat(start.get(120, SECONDS)).isPositive();
        }
        assertThat(waiting("many")).as("the lock went with the transaction").isZero();
    }

    private static int tablesAfterStart(String database) throws SQLException {
        SpringApplicationBuilder application = new SpringApplicationBuilder(TablesOnly.class)
                .web(WebApplicationType.NONE)
                .profiles("postgres")
                .properties("spring.main.banner-mode=off", "spring.main.register-shutdown-hook=false");
        try (var context = application.run(
                        "--spring.datasource.url=" + postgres.url(database),
                        "--spring.datasource.username=" + postgres.user(),
                        "--spring.datasource.password=" + postgres.password());
                Connection connection = postgres.connect(database)) {
            assertThat(context.isActive()).isTrue();
            return tables(connection);
        }
    }

    private static void create(String database) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database);
        }
    }

    private static int tables(Connection connection) throws SQLException {
        return number(connection, "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'");
    }

    private static int waiting(String database) throws SQLException {
        try (Connection connection = postgres.connect("postgres")) {
            return number(
                    connection,
                    "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '" + database
                            + "'");
        }
    }

    private static int number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getInt(1);
        }
    }

    @ImportAutoConfiguration({DataSourceAutoConfiguration.class, DataSourceInitializationAutoConfiguration.class})
    static class TablesOnly {}
}
