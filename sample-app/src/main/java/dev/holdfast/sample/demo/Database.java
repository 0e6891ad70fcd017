package dev.holdfast.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.h2.tools.Server;

/**
 * An H2 server for the instances. They could share a file by themselves ({@code AUTO_SERVER}), but then the first of them is the server,
 * and when it is killed the others need some seconds to take the database over.
 *
 * <p>Whoever gets into an H2 database can run code in its process. So there is one database, made before the server starts, which makes no
 * others; and its password is in a file of the given directory, since all users of a machine see the arguments of its processes.
 */
final class Database implements AutoCloseable {

    private static final String NAME = "tickets";
    private static final String USER = "tickets";

    private final Server server;
    private final Path settings;

    /** @param directory that only this user can read, as temporary ones are */
    Database(Path directory) throws SQLException, IOException {
        String password = UUID.randomUUID().toString();
        DriverManager.getConnection("jdbc:h2:" + directory.resolve(NAME).toAbsolutePath(), USER, password)
                .close();
        System.setProperty("h2.bindAddress", "127.0.0.1");
        server = Server.createTcpServer("-tcpPort", "0", "-baseDir", directory.toString())
                .start();
        settings = Files.write(
                directory.resolve("database.properties"),
                List.of(
                        "spring.datasource.url=" + url(),
                        "spring.datasource.username=" + USER,
                        "spring.datasource.password=" + password));
    }

    /** A file of Spring properties: how an instance gets in. */
    Path settings() {
        return settings;
    }

    String url() {
        return "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/./" + NAME;
    }

    @Override
    public void close() {
        server.stop();
    }
}
