package dev.holdfast.lock.faults;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.engine.HoldOf;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Tells the holds of a worker apart: several, one after the other, can have one entry, and a token perhaps never. Writes down what is
 * about one of them. Thread-safe.
 */
final class HoldNumbers {

    private final EventLog log;
    private final Map<Object, Long> numbers = new IdentityHashMap<>();

    /** Of write holds that become read holds, by entry. */
    private final Map<Long, Long> downgrading = new HashMap<>();

    private final Map<Long, Long> tokens = new HashMap<>();
    private long last;

    /** @param first numbers start after it, so that they are unique in the history */
    HoldNumbers(EventLog log, long first) {
        this.log = log;
        this.last = first;
    }

    synchronized long number(LockHandle handle) {
        return numbers.computeIfAbsent(HoldOf.identity(handle), unseen -> {
            Long writing = downgrading.remove(HoldOf.entry(handle));
            return writing == null ? ++last : writing;
        });
    }

    /** The next hold of its entry is the same as a reader. */
    synchronized void downgrading(LockHandle writing) {
        downgrading.put(HoldOf.entry(writing), number(writing));
    }

    void write(long at, Kind kind, LockHandle handle, long call, String detail) {
        log.write(event(at, kind, handle, call, detail));
    }

    void granted(long at, LockHandle handle, long call) {
        long token = HoldOf.token(handle);
        if (token != 0) {
            isNew(number(handle), token);
        }
        log.write(event(at, Kind.GRANTED, handle, call, "").withToken(token));
    }

    void drawn(LockHandle handle, long token) {
        if (isNew(number(handle), token)) {
            log.write(event(System.nanoTime(), Kind.DRAWN, handle, 0, "").withToken(token));
        }
    }

    private synchronized boolean isNew(long number, long token) {
        return tokens.putIfAbsent(number, token) == null;
    }

    private Event event(long at, Kind kind, LockHandle handle, long call, String detail) {
        return new Event(at, log.process(), kind, handle.name(), call, number(handle), detail)
                .ofEntry(HoldOf.entry(handle));
    }
}
