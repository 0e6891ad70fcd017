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
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The network between a client and one server, as a TCP proxy on loopback: each direction can be paused, as a network that drops
 * packets looks for a while, and delayed, and connections can be cut and refused. Thread-safe.
 */
public class TcpLink implements AutoCloseable {

    /** What becomes of the bytes of one connection on their way; each direction has one thread. */
    interface Traffic {

        void toServer(byte[] bytes, OutputStream server) throws IOException;

        void toClient(byte[] bytes, OutputStream client) throws IOException;
    }

    /** Thrown by {@link Traffic}: the connection ends here. */
    static final class Cut extends IOException {}

    private static final Traffic UNCHANGED = new Traffic() {
        @Override
        public void toServer(byte[] bytes, OutputStream server) throws IOException {
            server.write(bytes);
        }

        @Override
        public void toClient(byte[] bytes, OutputStream client) throws IOException {
            client.write(bytes);
        }
    };

    private final InetSocketAddress server;
    private final String scheme;
    private final int port;
    private final Direction toServer = new Direction();
    private final Direction toClient = new Direction();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ServerSocket accepting;

    TcpLink(String serverUrl) {
        URI url = URI.create(serverUrl);
        server = new InetSocketAddress(url.getHost(), url.getPort());
        scheme = url.getScheme();
        ServerSocket first = ListeningPort.open();
        port = first.getLocalPort();
        accept(first);
    }

    /** A link to the server at that URL, open in both directions. */
    public static TcpLink to(String serverUrl) {
        return new TcpLink(serverUrl);
    }

    /** Of a new connection. */
    Traffic newTraffic() {
        return UNCHANGED;
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

    /** How long everything takes from now on, in each direction. */
    public void delay(Duration toServer, Duration toClient) {
        this.toServer.delay(toServer);
        this.toClient.delay(toClient);
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
        delay(Duration.ZERO, Duration.ZERO);
        resume();
    }

    private synchronized void accept(ServerSocket listening) {
        accepting = listening;
        run("accept", () -> {
            while (true) {
                connect(listening, listening.accept());
            }
        });
    }

    /** Never fails: a connection that is cut while it comes about must not end the accepting of others. */
    private void connect(ServerSocket listening, Socket client) {
        Socket onward = new Socket();
        sockets.add(client);
        sockets.add(onward);
        if (accepting != listening) {
            // Accepted just before connections were refused, and too late to be cut with the others.
            end(client, onward);
            return;
        }
        try {
            onward.connect(server);
            client.setTcpNoDelay(true);
            onward.setTcpNoDelay(true);
        } catch (IOException refusedOrCut) {
            end(client, onward);
            return;
        }
        Traffic passing = newTraffic();
        carry("to-server", client, onward, toServer, passing::toServer);
        carry("to-client", onward, client, toClient, passing::toClient);
    }

    private interface Passage {
        void pass(byte[] bytes, OutputStream out) throws IOException;
    }

    /** Bytes as they came; none: the connection's end, which is a packet too. */
    private record Packet(byte[] bytes, long arrivedAt) {}

    private void carry(String name, Socket from, Socket to, Direction direction, Passage passage) {
        BlockingQueue<Packet> underWay = new LinkedBlockingQueue<>();
        run(name + "-in", () -> {
            try {
                InputStream in = from.getInputStream();
                byte[] bytes = new byte[16_384];
                for (int count = in.read(bytes); count > 0; count = in.read(bytes)) {
                    underWay.add(new Packet(Arrays.copyOf(bytes, count), System.nanoTime()));
                }
            } finally {
                underWay.add(new Packet(new byte[0], System.nanoTime()));
            }
        });
        run(name + "-out", () -> {
            try {
                OutputStream out = to.getOutputStream();
                while (true) {
                    Packet next = underWay.take();
                    direction.awaitPassage(next.arrivedAt);
                    if (next.bytes.length == 0) {
                        throw new Cut();
                    }
                    passage.pass(next.bytes, out);
                }
            } catch (Cut ended) {
                end(from, to);
            } catch (IOException unwritten) {
                // If the receiver has ended the connection, that comes from the other direction, when it is open.
                if (to.isClosed()) {
                    end(from, to);
                }
            } catch (InterruptedException nobodyInterrupts) {
                Thread.currentThread().interrupt();
            }
        });
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
        private long delayNanos;

        private synchronized void paused(boolean paused) {
            this.paused = paused;
            notifyAll();
        }

        private synchronized void delay(Duration delay) {
            delayNanos = delay.toNanos();
            notifyAll();
        }

        private synchronized void awaitPassage(long arrivedAt) throws InterruptedException {
            while (true) {
                long left = arrivedAt + delayNanos - System.nanoTime();
                if (paused) {
                    wait();
                } else if (left > 0) {
                    // Never wait(0), which means for ever.
                    TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
                } else {
                    return;
                }
            }
        }
    }
}
