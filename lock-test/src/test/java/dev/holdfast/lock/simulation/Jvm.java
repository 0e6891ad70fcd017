package dev.holdfast.lock.simulation;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One life of a process: its machine, its engine and the users in it. Writes down what they are told. */
final class Jvm {

    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);

    private final World world;
    private final Machine machine;
    private final Link link;
    private final LockEngine engine;
    private final List<Hold> holds = new ArrayList<>();

    /** All that were ever granted. */
    private final List<LockHandle> granted = new ArrayList<>();

    /** By name: the last hold that listeners heard of, for those who get to see no handle. */
    private final Map<String, LockHandle> lastAcquired = new HashMap<>();

    /** Tokens of the holds that users have. */
    private final Set<String> taken = new HashSet<>();

    /** Tokens of read holds that were write holds, until listeners hear of them: nobody waited for those. */
    private final Set<String> downgraded = new HashSet<>();

    private boolean closing;
    private boolean closed;
    private int toldOfRequests;

    /** Whether others may delete keys, which is noticed late. */
    private final boolean handsOnKeys;

    /** A hold in the hands of a user. */
    record Hold(long call, LockHandle handle, Wish wish, boolean reads) {

        private boolean isOf(String name) {
            return wish.names().contains(name);
        }
    }

    Jvm(World world, Cluster cluster, Plan plan, String name) {
        this.world = world;
        this.handsOnKeys = plan.faults().contains(Fault.OTHER_HANDS);
        this.machine = new Machine(world, name, plan.drift(world), plan.slowestCallback(), this::askAll);
        this.link = new Link(world, machine, cluster, plan.slowestMessage());
        this.engine = new LockEngine(
                link,
                machine,
                EngineOptions.defaults()
                        .withLockDefaults(LockOptions.defaults().withTtl(plan.ttl()))
                        .withListeners(List.of(new Recorder()))
                        .withRequestTimeout(REQUEST_TIMEOUT)
                        .withCloseTimeout(CLOSE_TIMEOUT)
                        .withCallbackExecutor(machine),
                world.random().split(),
                () -> {});
    }

    Machine machine() {
        return machine;
    }

    Link link() {
        return link;
    }

    LockEngine engine() {
        return engine;
    }

    /** Whether users can begin something. */
    boolean open() {
        return machine.running() && !closing;
    }

    boolean closed() {
        return closed;
    }

    /** Requests that listeners heard begin but not end. */
    int toldOfRequests() {
        return toldOfRequests;
    }

    void record(Event.Kind kind, String name, long call, long number, String detail) {
        world.record(machine.name(), kind, name, call, number, detail);
    }

    void record(Event.Kind kind, String name, long call, long number, String detail, Terms terms) {
        world.record(new Event(world.now(), machine.name(), kind, name, call, number, detail, terms));
    }

    /** A user has a hold: it is asked from now on. */
    Hold granted(long call, LockHandle handle, Wish wish) {
        record(
                Event.Kind.GRANTED,
                handle.name(),
                call,
                handle.fencingToken(),
                wish.lock().options().renew() ? "" : Event.NOT_RENEWED,
                wish.terms());
        taken.add(key(handle));
        Hold hold = new Hold(call, handle, wish, wish.terms().mode() == Terms.Mode.SHARED);
        this.granted.add(handle);
        checkOthers(hold);
        holds.add(hold);
        return hold;
    }

    /** From writer to reader; null if that came too late. */
    @Nullable
    Hold downgraded(Hold hold, ReadWriteLeaseLock pair) {
        // What is said from now on, is said as a reader.
        holds.remove(hold);
        String name = hold.wish().name();
        record(Event.Kind.DOWNGRADING, name, hold.call(), hold.handle().fencingToken(), "");
        LockHandle reading;
        downgraded.add(key(hold.handle()));
        try {
            reading = pair.downgrade(hold.handle());
        } catch (LockException lost) {
            downgraded.remove(key(hold.handle()));
            return null;
        }
        granted.add(reading);
        Hold reader = new Hold(hold.call(), reading, hold.wish(), true);
        holds.add(reader);
        record(Event.Kind.DOWNGRADED, name, hold.call(), reading.fencingToken(), "");
        ask(reader);
        return reader;
    }

    /** Its caps count anew, or it is over. */
    void extend(Hold hold, LockOptions caps) {
        long at = world.now();
        if (hold.handle().extend(caps.maxHold(), caps.holdAtLeast())) {
            Terms terms = hold.wish().terms().withKeep(caps.holdAtLeast()).withCap(caps.maxHold());
            world.record(new Event(
                    at,
                    machine.name(),
                    Event.Kind.EXTENDED,
                    hold.wish().name(),
                    hold.call(),
                    hold.handle().fencingToken(),
                    "",
                    terms));
        }
    }

    /** The user gives it back: not asked any more. */
    void releasing(Hold hold) {
        holds.remove(hold);
        record(
                Event.Kind.RELEASING,
                hold.handle().name(),
                hold.call(),
                hold.handle().fencingToken(),
                "");
    }

    /** Whoever gets a lock anew knows of the loss of the hold before. */
    private void checkOthers(Hold hold) {
        for (Hold other : holds) {
            if (hold.wish().name().equals(other.wish().name())
                    && hold.wish().exclusive()
                    && !handsOnKeys
                    && other.handle().loss().isEmpty()) {
                contradicted(hold, "granted although nobody knows of a loss of " + other.handle());
            }
        }
    }

    /** The user was told that nothing of it is left. */
    void released(Hold hold, boolean waitedFor) {
        record(
                Event.Kind.RELEASED,
                hold.handle().name(),
                hold.call(),
                hold.handle().fencingToken(),
                waitedFor ? "" : Event.IN_BACKGROUND);
    }

    void contradicted(Hold hold, String what) {
        record(
                Event.Kind.CONTRADICTED,
                hold.handle().name(),
                hold.call(),
                hold.handle().fencingToken(),
                what);
    }

    /** Holds of which their handle says that they are lost, and the future of their loss does not, or the other way round. */
    List<LockHandle> halfLost() {
        return granted.stream()
                .filter(handle -> handle.loss().isPresent()
                        != handle.lost().toCompletableFuture().isDone())
                .toList();
    }

    boolean ask(Hold hold) {
        boolean held = hold.handle().isHeld();
        if (held == hold.handle().remaining().isZero()) {
            contradicted(
                    hold,
                    "isHeld() says " + held + ", remaining() " + hold.handle().remaining());
        }
        record(
                held ? Event.Kind.HELD : Event.Kind.NOT_HELD,
                hold.handle().name(),
                hold.call(),
                hold.handle().fencingToken(),
                "");
        return held;
    }

    /** Asks every hold of the name, if the process runs. */
    void ask(String name) {
        if (machine.running()) {
            for (Hold hold : List.copyOf(holds)) {
                if (hold.isOf(name)) {
                    ask(hold);
                }
            }
        }
    }

    void askAll() {
        if (machine.running()) {
            holds.forEach(this::ask);
        }
    }

    /** The hold that a lock view got just now, as soon as listeners have heard of it: the view itself does not show it. */
    /** Several names can have one token: what is put by one request has one revision. */
    private static String key(LockHandle handle) {
        return handle.name() + " " + handle.fencingToken();
    }

    @Nullable
    LockHandle untaken(String name) {
        LockHandle last = lastAcquired.get(name);
        return last == null || taken.contains(key(last)) ? null : last;
    }

    void close() {
        if (closing || !machine.running()) {
            return;
        }
        closing = true;
        record(Event.Kind.CLOSING, "", 0, 0, "");
        machine.thread(() -> {
            engine.close();
            closed = true;
            record(Event.Kind.CLOSED, "", 0, 0, "");
        });
    }

    private final class Recorder implements LockListener {

        @Override
        public void waiting(String name, LockOptions options) {
            toldOfRequests++;
        }

        @Override
        public void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {
            toldOfRequests--;
        }

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            if (!downgraded.remove(key(handle))) {
                toldOfRequests--;
            }
            lastAcquired.put(handle.name(), handle);
            record(Event.Kind.TOLD_ACQUIRED, handle.name(), 0, handle.fencingToken(), "");
        }

        @Override
        public void released(LockHandle handle, LockOptions options, Duration held) {
            record(Event.Kind.TOLD_RELEASED, handle.name(), 0, handle.fencingToken(), "");
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            record(
                    Event.Kind.TOLD_LOST,
                    handle.name(),
                    0,
                    handle.fencingToken(),
                    loss.reason().name());
            // Without renewals a look at the lease after a clock jump may have brought its end nearer.
            if (loss.reason() == LockLoss.Reason.EXPIRED
                    && options.renew()
                    && held.compareTo(options.ttl().dividedBy(11)) < 0) {
                record(
                        Event.Kind.CONTRADICTED,
                        handle.name(),
                        0,
                        handle.fencingToken(),
                        "granted when so little was left of its lease: " + held);
            }
        }

        @Override
        public void sessionChanged(RegistryStatus.Session session) {
            if (session.state() == RegistryStatus.State.EXPIRED || session.state() == RegistryStatus.State.CLOSED) {
                record(Event.Kind.SESSION_ENDED, "", 0, Long.parseLong(session.lease(), 16), "");
            }
        }
    }
}
