package dev.holdfast.lock.benchmarks.worker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** CPU time of processes and their descendants, from {@code /proc}; 0 where there is none. */
final class CpuTime {

    /** What Linux tells user space on every architecture, whatever the kernel counts in. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Path PROC = Path.of("/proc");

    private CpuTime() {}

    static double seconds(Collection<Long> pids) {
        if (pids.isEmpty() || !Files.isDirectory(PROC)) {
            return 0;
        }
        Map<Long, Stat> all = all();
        Map<Long, List<Long>> children = new HashMap<>();
        all.forEach((pid, stat) -> children.computeIfAbsent(stat.parent(), parent -> new ArrayList<>())
                .add(pid));
        Deque<Long> open = new ArrayDeque<>(pids);
        Set<Long> counted = new HashSet<>();
        long ticks = 0;
        while (!open.isEmpty()) {
            long pid = open.pop();
            Stat stat = all.get(pid);
            if (stat != null && counted.add(pid)) {
                ticks += stat.ticks();
                open.addAll(children.getOrDefault(pid, List.of()));
            }
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static Map<Long, Stat> all() {
        Map<Long, Stat> all = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                try {
                    all.put(
                            Long.parseLong(process.getFileName().toString()),
                            Stat.parse(Files.readString(process.resolve("stat"))));
                } catch (IOException ended) {
                    // between the listing and the reading
                }
            }
        } catch (IOException unreadable) {
            return Map.of();
        }
        return all;
    }

    /**
     * One line of {@code /proc/PID/stat}.
     *
     * @param ticks of the process and of those children that it has waited for
     */
    record Stat(long parent, long ticks) {

        static Stat parse(String line) {
            // "pid (name) state ...", and the name may hold anything.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field = 11; field <= 14; field++) {
                ticks += Long.parseLong(fields[field]);
            }
            return new Stat(Long.parseLong(fields[1]), ticks);
        }
    }
}
