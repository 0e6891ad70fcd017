package dev.holdfast.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever gets into H2 can run code in its process, so nobody but the instances may. */
class DatabaseTests {

    @TempDir
    Path directory;

    @Test
    void whoHasThePasswordGetsIn() throws Exception {
        try (Database database = new Database(directory);
                Connection connection =
                        DriverManager.getConnection(database.url(), database.user(), database.password())) {
            assertThat(connection.isValid(1)).isTrue();
        }
    }

    @Test
    void othersGetNeitherInNorADatabaseOfTheirOwn() throws Exception {
        try (Database database = new Database(directory)) {
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> DriverManager.getConnection(database.url(), "sa", ""))
                    .withMessageContaining("Wrong user name or password");
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> DriverManager.getConnection(database.url() + "2", "sa", ""))
                    .withMessageContaining("not found");
        }
    }
}
