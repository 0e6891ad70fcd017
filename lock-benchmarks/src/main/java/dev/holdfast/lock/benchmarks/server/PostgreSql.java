package dev.holdfast.lock.benchmarks.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** PostgreSQL from the distribution, as {@code initdb} makes it, with the tables of the peers. It refuses to run as root. */
final class PostgreSql {

    /** Who runs the server if we are root; the package makes this user. */
    private static final String USER = "postgres";

    private static final Duration RECOVERY = Duration.ofSeconds(20);

    private static final String SPRING_TABLE = """
            CREATE TABLE INT_LOCK (LOCK_KEY CHAR(36) NOT NULL, REGION VARCHAR(100) NOT NULL, CLIENT_ID CHAR(36),
              CREATED_DATE TIMESTAMP NOT NULL, EXPIRED_AFTER TIMESTAMP NOT NULL,
              CONSTRAINT INT_LOCK_PK PRIMARY KEY (LOCK_KEY, REGION))""";
    private static final String SHEDLOCK_TABLE = """
            CREATE TABLE shedlock (name VARCHAR(64) NOT NULL, lock_until TIMESTAMP NOT NULL, locked_at TIMESTAMP NOT NULL,
              locked_by VARCHAR(255) NOT NULL, PRIMARY KEY (name))""";

    private PostgreSql() {}

    static boolean present() {
        return Programs.postgresql().isPresent();
    }

    static Server start() {
        Path bin = Programs.postgresql().orElseThrow();
        Path directory = ServerProcess.directory("postgresql");
        int port = ServerProcess.freePort();
        String data = directory.resolve("data").toString();
        List<String> user = asUser(directory);
        ServerProcess.run(directory, command(user, bin.resolve("initdb"), "-A", "trust", "-U", "bench", "-D", data));
        ServerProcess process = ServerProcess.start(
                directory,
                port,
                command(
                        user,
                        bin.resolve("postgres"),
                        "-D",
                        data,
                        "-p",
                        Integer.toString(port),
                        "-h",
                        "127.0.0.1",
                        "-k",
                        directory.toString()));
        String address = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=bench";
        try {
            makeTables(address);
        } catch (RuntimeException failed) {
            process.close();
            throw failed;
        }
        return new SingleServer(process, address);
    }

    private static List<String> command(List<String> user, Path program, String... arguments) {
        List<String> command = new ArrayList<>(user);
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** setpriv becomes the program it starts, so that its process is the server's. */
    private static List<String> asUser(Path directory) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        try {
            Files.setOwner(
                    directory,
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        } catch (IOException failed) {
            throw new UncheckedIOException("Cannot give a directory to the user " + USER, failed);
        }
        return List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--");
    }

    private static void makeTables(String address) {
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        while (true) {
            try (Connection connection = DriverManager.getConnection(address);
                    Statement statement = connection.createStatement()) {
                statement.execute(SPRING_TABLE);
                statement.execute(SHEDLOCK_TABLE);
                return;
            } catch (SQLException starting) {
                // It listens before it answers.
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("PostgreSQL does not take the tables", starting);
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }
}
