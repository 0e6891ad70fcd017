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
 * @param names the locks all workers compete for, one by one and several at once
 * @param semaphores others they compete for, of {@link #PERMITS} each
 * @param pairs others that some read and some write
 * @param habits of each thread that uses locks
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
        List<String> semaphores,
        List<String> pairs,
        List<LockUser.Habit> habits,
        long seed,
        boolean careless) {

    static final int PERMITS = 2;

    /** Without spaces or quotes that a command line would take for its own. */
    String toArgument() {
        return new Gson().toJson(this);
    }

    static WorkerOptions ofArgument(String argument) {
        return new Gson().fromJson(argument, WorkerOptions.class);
    }

    /** One of everything. */
    List<Wish.Of> all() {
        return Stream.of(
                        Stream.concat(Stream.of(keeps, claims), names.stream()).map(Wish::exclusive),
                        semaphores.stream().map(name -> Wish.permit(name, PERMITS)),
                        pairs.stream().map(Wish::reading),
                        pairs.stream().map(Wish::writing))
                .flatMap(wishes -> wishes)
                .toList();
    }

    Duration ttl() {
        return Duration.ofSeconds(ttlSeconds);
    }
}
