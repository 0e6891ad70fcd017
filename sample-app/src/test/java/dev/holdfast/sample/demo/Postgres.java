package dev.holdfast.sample.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A PostgreSQL of the tests' own, from the distribution. It refuses to run as root, so root starts it as the user of the package. */
final class Postgres implements AutoCloseable {

    private static final String USER = "tickets";
    private static final String ACCOUNT = "postgres";
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private final String password = UUID.randomUUID().toString();
    private final int port = FreePort.find(1).get(0);
    private final ChildProcess server;

    /** @param directory that only this user can read, as temporary ones are; the server gets it for itself */
    Postgres(Path directory) throws IOException, InterruptedException {
        Path programs = programs();
        Path log = directory.resolve("postgres.log");
        Path data = directory.resolve("data");
        Path secret = Files.writeString(directory.resolve("password"), password);
        List<String> account = account(directory);
        run(
                log,
                command(
                        account,
                        programs.resolve("initdb"),
                        "-A",
                        "scram-sha-256",
                        "--pwfile=" + secret,
                        "-N",
                        "-U",
                        USER,
                        "-D",
                        data.toString()));
        this.server = new ChildProcess(
                command(
                        account,
                        programs.resolve("postgres"),
                        "-F",
                        "-D",
                        data.toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "unix_socket_directories="),
                log);
    }

    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    String user() {
        return USER;
    }

    String password() {
        return password;
    }

    /** Fails while it is starting. */
    Connection connect(String database) throws SQLException {
        server.ensureAlive();
        return DriverManager.getConnection(url(database), USER, password);
    }

    @Override
    public void close() {
        server.close();
    }

    private static Path programs() {
        Stream<Path> onPath =
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).map(Path::of);
        return Stream.concat(onPath, debian())
                .filter(directory -> Files.isExecutable(directory.resolve("initdb"))
                        && Files.isExecutable(directory.resolve("postgres")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The tests of the tables need PostgreSQL, that is initdb"
                        + " and postgres, on the PATH or below " + DEBIAN + ": on Debian, ./dev test installs it, as"
                        + " apt-get install postgresql does"));
    }

    /** Which keeps the programs off the PATH; the newest version first. */
    private static Stream<Path> debian() {
        String[] versions = DEBIAN.toFile().list((directory, name) -> name.matches("\\d+"));
        return versions == null
                ? Stream.empty()
                : Arrays.stream(versions)
                        .sorted(Comparator.comparing((String version) -> Integer.valueOf(version))
                                .reversed())
                        .map(version -> DEBIAN.resolve(version).resolve("bin"));
    }

    private static List<String> account(Path directory) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        Files.setOwner(
                directory,
                directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(ACCOUNT));
        return List.of("setpriv", "--reuid=" + ACCOUNT, "--regid=" + ACCOUNT, "--clear-groups", "--");
    }

    private static List<String> command(List<String> account, Path program, String... arguments) {
        List<String> command = new ArrayList<>(account);
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static void run(Path log, List<String> command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("initdb ended with exit code " + status + ": " + Files.readString(log));
        }
    }
}
