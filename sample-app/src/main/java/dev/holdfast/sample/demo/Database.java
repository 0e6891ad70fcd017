package dev.holdfast.sample.demo;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.h2.tools.Server;

/**
 * An H2 server for the instances. They could share a file by themselves ({@code AUTO_SERVER}), but then the first of them is the server,
 * and when it is killed the others need some seconds to take the database over.
 *
 * <p>Whoever gets into an H2 database can run code in its process. So there is one database, made before the server starts, which makes no
 * others; and it has a password.
 */
final class Database implements AutoCloseable {

    private static final String NAME = "tickets";
    private static final String USER = "tickets";

    private final String password = UUID.randomUUID().toString();
    private final Server server;

    Database(Path directory) throws SQLException {
        DriverManager.getConnection("jdbc:h2:" + directory.resolve(NAME).toAbsolutePath(), USER, password)
                .close();
        System.setProperty("h2.bindAddress", "127.0.0.1");
        server = Server.createTcpServer("-tcpPort", "0", "-baseDir", directory.toString())
                .start();
    }

    String url() {
        return "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/./" + NAME;
    }

    String user() {
        return USER;
    }

    String password() {
        return password;
    }

    @Override
    public void close() {
        server.stop();
    }
}
