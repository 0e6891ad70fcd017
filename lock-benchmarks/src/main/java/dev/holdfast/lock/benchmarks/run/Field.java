package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.ObjectMapper;

/** Where workers run: starts teams, and can end all of them at any time. Thread-safe. */
final class Field implements AutoCloseable {

    private final ObjectMapper json;
    private final WarmUp warmUp;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<WorkerProcess> running = ConcurrentHashMap.newKeySet();

    Field(ObjectMapper json, WarmUp warmUp) {
        this.json = json;
        this.warmUp = warmUp;
    }

    Team start(Life life, Server server, Jdk jdk) {
        running.removeIf(WorkerProcess::hasEnded);
        List<WorkerProcess> workers = new ArrayList<>();
        for (int jvm = 0; jvm < life.first().setting().jvms(); jvm++) {
            WorkerProcess worker = WorkerProcess.start(json, jdk);
            running.add(worker);
            workers.add(worker);
        }
        return new Team(life, server, warmUp, "b" + count.incrementAndGet() + "-", workers);
    }

    /** Ends all workers. */
    @Override
    public void close() {
        running.forEach(WorkerProcess::kill);
    }
}
