package dev.holdfast.sample.demo;

import java.nio.file.Path;
import java.sql.SQLException;
import org.h2.tools.Server;

/**
 * An H2 server for the instances. They could share a file by themselves ({@code AUTO_SERVER}), but then the first of them is the server,
 * and when it is killed the others need some seconds to take the database over.
 */
final class Database implements AutoCloseable {

    private final Server server;

    Database(Path directory) throws SQLException {
        System.setProperty("h2.bindAddress", "127.0.0.1");
        server = Server.createTcpServer("-tcpPort", "0", "-baseDir", directory.toString(), "-ifNotExists")
                .start();
    }

    String url() {
        return "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/./tickets";
    }

    @Override
    public void close() {
        server.stop();
    }
}
