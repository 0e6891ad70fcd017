package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.Terms;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where one process writes what happens to it, one event a line. Each line is with the system when the method returns, so a process that
 * is killed loses at most its last. Times are of {@link System#nanoTime()}, which on Linux all processes share. Thread-safe.
 */
final class EventLog implements AutoCloseable {

    private final String process;
    private final BufferedWriter out;

    EventLog(String process, Path file) {
        this.process = process;
        try {
            out = Files.newBufferedWriter(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    void write(Kind kind, String detail) {
        write(System.nanoTime(), process, kind, "", 0, 0, detail);
    }

    void write(long at, Kind kind, String name, long call, long number, String detail) {
        write(at, process, kind, name, call, number, detail);
    }

    /** On these terms. */
    void write(long at, Kind kind, String name, long call, long number, String detail, Terms terms) {
        write(new Event(at, process, kind, name, call, number, detail, terms));
    }

    /** Of another process, as its watcher sees it. */
    void write(long at, String whose, Kind kind, String name, long call, long number, String detail) {
        write(new Event(at, whose, kind, name, call, number, detail));
    }

    String process() {
        return process;
    }

    void write(Event event) {
        String line = event.toLine();
        synchronized (out) {
            try {
                out.write(line);
                out.write('\n');
                out.flush();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    @Override
    public void close() {
        synchronized (out) {
            try {
                out.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
