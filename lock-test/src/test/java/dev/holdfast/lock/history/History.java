package dev.holdfast.lock.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Events in the order of their times; of the same time, in the order they were written down. Not thread-safe. */
public final class History {

    private final List<Event> events = new ArrayList<>();
    private boolean sorted = true;

    public void add(Event event) {
        if (!events.isEmpty() && event.at() < events.get(events.size() - 1).at()) {
            sorted = false;
        }
        events.add(event);
    }

    /** Reads files of one event a line. A last line cut short, as by kill -9, is left out. */
    public static History read(Collection<Path> files) throws IOException {
        History history = new History();
        for (Path file : files) {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.endsWith("}")) {
                        history.add(Event.ofLine(line));
                    }
                }
            }
        }
        return history;
    }

    public List<Event> events() {
        if (!sorted) {
            events.sort(Comparator.comparingLong(Event::at));
            sorted = true;
        }
        return events;
    }

    /** One event a line, for people. */
    @Override
    public String toString() {
        return events().stream().map(Event::toString).collect(Collectors.joining("\n"));
    }
}
