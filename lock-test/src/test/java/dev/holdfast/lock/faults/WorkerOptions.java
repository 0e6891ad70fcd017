package dev.holdfast.lock.faults;

import com.google.gson.Gson;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a worker process is to do, as its one argument.
 *
 * @param process its name in the history
 * @param firstCall calls are numbered from here, so that the numbers are unique in the history
 * @param endpoints client URLs of etcd
 * @param password of the user {@code worker}; empty: no user
 * @param resourcePort of the fenced resource, on loopback
 * @param events file for its events
 * @param ttlSeconds TTL of its locks
 * @param keeps the lock it holds for long
 * @param claims the lock another holds for long
 * @param names the locks all workers compete for
 * @param threads how many of it use locks at once
 * @param seed decides what they do
 * @param careless a user who takes no notice of losses: says that it holds without asking
 */
record WorkerOptions(
        String process,
        long firstCall,
        List<String> endpoints,
        String password,
        int resourcePort,
        String events,
        long ttlSeconds,
        String keeps,
        String claims,
        List<String> names,
        int threads,
        long seed,
        boolean careless) {

    /** Without spaces or quotes that a command line would take for its own. */
    String toArgument() {
        return new Gson().toJson(this);
    }

    static WorkerOptions ofArgument(String argument) {
        return new Gson().fromJson(argument, WorkerOptions.class);
    }

    List<String> allNames() {
        return Stream.concat(Stream.of(keeps, claims), names.stream()).toList();
    }

    Duration ttl() {
        return Duration.ofSeconds(ttlSeconds);
    }
}
