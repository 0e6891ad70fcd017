package dev.holdfast.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever gets into H2 can run code in its process, so nobody but the instances may. */
class DatabaseTests {

    @TempDir
    Path directory;

    @Test
    void whoHasTheSettingsGetsIn() throws Exception {
        try (Database database = new Database(directory)) {
            Properties settings = new Properties();
            settings.load(Files.newBufferedReader(database.settings()));
            try (Connection connection = DriverManager.getConnection(
                    settings.getProperty("spring.datasource.url"),
                    settings.getProperty("spring.datasource.username"),
                    settings.getProperty("spring.datasource.password"))) {
                assertThat(connection.isValid(1)).isTrue();
            }
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
