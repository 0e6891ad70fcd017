package dev.holdfast.sample.demo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.sample.SampleApplication;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The page in a real browser, while the database of the instance stops and comes back at the same address. */
class DatabaseAwayTests {

    private static final String PASSWORD = UUID.randomUUID().toString();

    @TempDir
    static Path directory;

    private static Server database;
    private static ConfigurableApplicationContext instance;
    private static Browser browser;

    @BeforeAll
    static void startAll() throws Exception {
        DriverManager.getConnection("jdbc:h2:" + directory.resolve("tickets"), "tickets", PASSWORD)
                .close();
        System.setProperty("h2.bindAddress", "127.0.0.1");
        database = Server.createTcpServer("-tcpPort", "0", "-baseDir", directory.toString())
                .start();
        instance = new SpringApplicationBuilder(SampleApplication.class)
                .run(
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.datasource.url=jdbc:h2:tcp://127.0.0.1:" + database.getPort() + "/./tickets",
                        "--spring.datasource.username=tickets",
                        "--spring.datasource.password=" + PASSWORD,
                        "--spring.datasource.hikari.connection-timeout=12000",
                        "--holdfast.store=memory",
                        "--sample.instance=a",
                        "--sample.settlement-schedule=-");
        browser = new Browser(Path.of("target", "screenshots"));
    }

    /** In the opposite order; those that were never started are null, and left out. */
    @AfterAll
    @SuppressWarnings("try") // closed, and not used before
    static void stopAll() throws Exception {
        AutoCloseable server = () -> Optional.ofNullable(database).ifPresent(Server::stop);
        try (AutoCloseable first = server;
                AutoCloseable second = instance;
                AutoCloseable last = browser) {}
    }

    @BeforeEach
    void open() {
        browser.colours("light");
        browser.width(1200);
        openAgain();
        untilItIs("Live, through a");
    }

    @AfterEach
    void nothingWentWrong() throws SQLException {
        bringBack();
        List<String> errors = browser.errors();
        browser.open("about:blank");
        assertThat(errors).isEmpty();
    }

    @Test
    void aPageThatIsOpenSaysSinceWhenAndWhyThereIsNoPictureUntilThereIsOne() throws Exception {
        database.stop();
        // At first perhaps that it does not answer: a connection just used fails at once, others are waited for.
        untilItIs("No picture from a since .+: the database cannot be read");
        String said = connection();
        assertThat(browser.text("#news")).contains("a has no picture.");
        assertThat(browser.attribute("#connection", "data-state")).isEqualTo("blind");
        assertThat(browser.script("return getComputedStyle(document.querySelector('main')).filter"))
                .as("old data does not look fresh")
                .isEqualTo("grayscale(1)");
        browser.screenshot("without-the-database");
        browser.colours("dark");
        browser.screenshot("without-the-database-dark");
        assertThat(connection()).as("the same moment, however often it is told").isEqualTo(said);
        bringBack();
        untilItIs("Live, through a");
        assertThat(browser.text("#news")).contains("There is a picture again, from a");
        assertThat(browser.script("return getComputedStyle(document.querySelector('main')).filter"))
                .isEqualTo("none");
    }

    @Test
    void aPageThatIsOpenedMeanwhileSaysSoToo() throws Exception {
        database.stop();
        openAgain();
        untilItIs("No picture from a since .+: the database .+");
        browser.width(360);
        browser.screenshot("opened-without-the-database");
        bringBack();
        untilItIs("Live, through a");
    }

    private static void bringBack() throws SQLException {
        if (!database.isRunning(false)) {
            database.start();
        }
    }

    private static void openAgain() {
        browser.open("http://127.0.0.1:" + instance.getEnvironment().getProperty("local.server.port") + "/");
    }

    private static String connection() {
        return browser.text("#connection");
    }

    private static void untilItIs(String pattern) {
        await().atMost(60, SECONDS).until(DatabaseAwayTests::connection, said -> said.matches(pattern));
    }
}
