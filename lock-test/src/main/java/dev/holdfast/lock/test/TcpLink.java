package dev.holdfast.lock.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The network between a client and one server, as a TCP proxy on loopback: each direction can be paused, as a network that drops
 * packets looks for a while, and connections can be cut and refused. Thread-safe.
 */
public final class TcpLink implements AutoCloseable {

    private final InetSocketAddress server;
    private final String scheme;
    private final int port;
    private final Direction toServer = new Direction();
    private final Direction toClient = new Direction();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private @Nullable ServerSocket accepting;

    private TcpLink(URI server) throws IOException {
        this.server = new InetSocketAddress(server.getHost(), server.getPort());
        this.scheme = server.getScheme();
        ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        port = first.getLocalPort();
        accept(first);
    }

    /** A link to the server at that URL, open in both directions. */
    public static TcpLink to(String serverUrl) {
        try {
            return new TcpLink(URI.create(serverUrl));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The URL under which clients reach the server through this link. */
    public String endpoint() {
        return scheme + "://127.0.0.1:" + port;
    }

    /** Nothing more reaches the server until {@link #resume()}; it is not lost, but late. */
    public void pauseToServer() {
        toServer.paused(true);
    }

    /** Nothing more reaches the client until {@link #resume()}; it is not lost, but late. */
    public void pauseToClient() {
        toClient.paused(true);
    }

    /** Lets both directions go on, with what has gathered. */
    public void resume() {
        toServer.paused(false);
        toClient.paused(false);
    }

    /** Resets all connections, and drops what was paused; new ones are accepted. */
    public void cut() {
        sockets.forEach(TcpLink::reset);
    }

    /** Resets all connections and refuses new ones until {@link #accept()}. */
    public synchronized void refuse() {
        ServerSocket open = accepting;
        accepting = null;
        closeQuietly(open);
        cut();
    }

    /** Accepts connections again after {@link #refuse()}. */
    public synchronized void accept() {
        if (accepting == null) {
            try {
                ServerSocket again = new ServerSocket();
                again.setReuseAddress(true);
                again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                accept(again);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    /** Resets all connections for good. Idempotent. */
    @Override
    public void close() {
        refuse();
        resume();
    }

    private synchronized void accept(ServerSocket listening) {
        accepting = listening;
        run("accept", () -> {
            while (true) {
                connect(listening.accept());
            }
        });
    }

    private void connect(Socket client) throws IOException {
        Socket onward = new Socket();
        sockets.add(client);
        sockets.add(onward);
        try {
            onward.connect(server);
        } catch (IOException refused) {
            end(client, onward);
            return;
        }
        client.setTcpNoDelay(true);
        onward.setTcpNoDelay(true);
        run("to-server", () -> pump(client, onward, toServer));
        run("to-client", () -> pump(onward, client, toClient));
    }

    private void pump(Socket from, Socket to, Direction direction) throws IOException {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[16_384];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                direction.awaitOpen();
                out.write(bytes, 0, count);
            }
        } finally {
            // The end of a connection is a packet too.
            direction.awaitOpen();
            end(from, to);
        }
    }

    private void end(Socket one, Socket other) {
        sockets.remove(one);
        sockets.remove(other);
        closeQuietly(one);
        closeQuietly(other);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closed) {
            // so it is gone already
        }
        closeQuietly(socket);
    }

    private static void closeQuietly(@Nullable AutoCloseable open) {
        try {
            if (open != null) {
                open.close();
            }
        } catch (Exception closed) {
            // as wanted
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // the way a connection ends
                    }
                },
                "tcp-link-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static final class Direction {

        private boolean paused;

        private synchronized void paused(boolean paused) {
            this.paused = paused;
            notifyAll();
        }

        private synchronized void awaitOpen() {
            while (paused) {
                try {
                    wait();
                } catch (InterruptedException nobodyInterrupts) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
