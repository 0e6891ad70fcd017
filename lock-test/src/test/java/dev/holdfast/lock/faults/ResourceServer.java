package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the locks protect: a value for each name, read and written over TCP, that is right only as long as nobody else comes between a
 * read and its write. It remembers the greatest token it has seen and answers {@code refused} to smaller ones, for reads too: a read is
 * the first half of an update. Lines: {@code read NAME TOKEN} and {@code write NAME TOKEN VALUE HOLD}.
 */
final class ResourceServer implements AutoCloseable {

    private final EventLog log;
    private final ServerSocket accepting;
    private final Map<String, Cell> cells = new HashMap<>();
    private final AtomicLong writes = new AtomicLong();

    private static final class Cell {
        long value;
        long accepted;
        long greatestToken;
    }

    ResourceServer(EventLog log) {
        this.log = log;
        try {
            accepting = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        start(() -> {
            while (true) {
                Socket client = accepting.accept();
                start(() -> serve(client));
            }
        });
    }

    int port() {
        return accepting.getLocalPort();
    }

    /** Writes taken so far, of all names. */
    long writes() {
        return writes.get();
    }

    /** Writes that were taken and are not in the values: each was overwritten by somebody who had not read it. */
    synchronized long lostUpdates() {
        return cells.values().stream()
                .mapToLong(cell -> cell.accepted - cell.value)
                .sum();
    }

    private void serve(Socket client) throws IOException {
        try (client;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
            client.setTcpNoDelay(true);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String answer = answer(line.split(" ")) + "\n";
                client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private synchronized String answer(String[] words) {
        boolean write = words[0].equals("write");
        String name = words[1];
        long token = Long.parseLong(words[2]);
        Cell cell = cells.computeIfAbsent(name, absent -> new Cell());
        if (token < cell.greatestToken) {
            if (write) {
                write(Kind.WRITE_REFUSED, name, words[4], token, "");
            }
            return "refused";
        }
        cell.greatestToken = token;
        if (write) {
            cell.value = Long.parseLong(words[3]);
            cell.accepted++;
            writes.incrementAndGet();
            write(Kind.WRITTEN, name, words[4], token, words[3]);
        }
        return Long.toString(cell.value);
    }

    private void write(Kind kind, String name, String hold, long token, String detail) {
        log.write(new Event(System.nanoTime(), log.process(), kind, name, 0, Long.parseLong(hold), detail)
                .withToken(token));
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // the way a connection ends
                    }
                },
                "resource");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            accepting.close();
        } catch (IOException closed) {
            // as wanted
        }
    }
}
