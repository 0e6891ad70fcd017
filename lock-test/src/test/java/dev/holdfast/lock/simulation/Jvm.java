package dev.holdfast.lock.simulation;

import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.HoldOf;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Terms;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
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

    /** By name: the holds that listeners heard of, the last first, for those who get to see no handle. */
    private final Map<String, Deque<LockHandle>> acquired = new HashMap<>();

    /** Numbers of the holds that users have. */
    private final Set<Long> taken = new HashSet<>();

    /** Of holds, by what is the same for all their handles. */
    private final Map<Object, Long> numbers = new IdentityHashMap<>();

    /** By name and entry the write holds that become read holds, until listeners hear of those: nobody waited for them. */
    private final Map<String, LockHandle> downgrading = new HashMap<>();

    /** Tokens that were written down, by number of the hold. */
    private final Map<Long, Long> tokens = new HashMap<>();

    private boolean closing;
    private boolean closed;
    private int toldOfRequests;
    private long countedSecond;
    private int counted;
    private int mostCalls;

    private final boolean calm;

    /** Whether others may delete keys, which is noticed late. */
    private final boolean handsOnKeys;

    /** A hold in the hands of a user. */
    record Hold(long call, LockHandle handle, Wish wish, boolean reads) {

        boolean isOf(String name) {
            return wish.names().contains(name);
        }
    }

    Jvm(World world, Cluster cluster, Plan plan, String name) {
        this.world = world;
        this.calm = plan.calm();
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
                        .withHandOver(plan.handOver())
                        .withRelease(plan.release())
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

    /** The most calls that were begun in one second. */
    int mostCallsInOneSecond() {
        return mostCalls;
    }

    void calls() {
        long second = world.now() / 1_000_000_000;
        if (second != countedSecond) {
            countedSecond = second;
            counted = 0;
        }
        mostCalls = Math.max(mostCalls, ++counted);
    }

    /** Tells a hold from the others of the world. */
    long number(LockHandle handle) {
        return numbers.computeIfAbsent(HoldOf.identity(handle), first -> {
            LockHandle writing = downgrading.get(entry(handle));
            return writing == null || sameHold(writing, handle) ? world.nextHold() : number(writing);
        });
    }

    private static boolean sameHold(LockHandle one, LockHandle other) {
        return HoldOf.identity(one) == HoldOf.identity(other);
    }

    /** What is put by one request has one revision, whatever its names. */
    private static String entry(LockHandle handle) {
        return handle.name() + " " + HoldOf.entry(handle);
    }

    private void record(Event.Kind kind, LockHandle handle, long call, String detail) {
        world.record(event(kind, handle, call, detail));
    }

    private Event event(Event.Kind kind, LockHandle handle, long call, String detail) {
        return new Event(world.now(), machine.name(), kind, handle.name(), call, number(handle), detail)
                .ofEntry(HoldOf.entry(handle));
    }

    void record(Event.Kind kind, String name, long call, long number, String detail) {
        world.record(machine.name(), kind, name, call, number, detail);
    }

    void record(Event.Kind kind, String name, long call, long number, String detail, Terms terms) {
        world.record(new Event(world.now(), machine.name(), kind, name, call, number, detail, terms));
    }

    /** A user has a hold: it is asked from now on. */
    Hold granted(long call, LockHandle handle, Wish wish) {
        long token = HoldOf.token(handle);
        if (token != 0) {
            tokens.put(number(handle), token);
        }
        world.record(
                event(Event.Kind.GRANTED, handle, call, wish.lock().options().renew() ? "" : Event.NOT_RENEWED)
                        .withTerms(wish.terms())
                        .withToken(token));
        taken.add(number(handle));
        Hold hold = new Hold(call, handle, wish, wish.terms().mode() == Terms.Mode.SHARED);
        this.granted.add(handle);
        checkOthers(hold);
        holds.add(hold);
        if (handle instanceof Leadership && token != HoldOf.entry(handle)) {
            contradicted(hold, "its term is not that of its entry");
        }
        return hold;
    }

    /** Whether the user has it still. */
    boolean has(Hold hold) {
        return holds.contains(hold);
    }

    /** The token, drawn if need be; 0: there was none to be had. On a thread, unless it has one. */
    long draw(Hold hold) {
        LockHandle handle = hold.handle();
        boolean givenBack = !has(hold);
        long token;
        try {
            token = handle.fencingToken();
        } catch (LockLostException lost) {
            if (handle.isHeld()) {
                contradicted(hold, "no token since it was lost, but held: " + lost.getMessage());
            }
            return 0;
        } catch (LockUnavailableException unavailable) {
            if (calm) {
                contradicted(hold, "nothing is wrong, but " + unavailable.getMessage());
            }
            return 0;
        } catch (IllegalStateException released) {
            if (!givenBack && has(hold)) {
                contradicted(hold, "no token since it was released, which it was not");
            }
            return 0;
        }
        Long before = tokens.putIfAbsent(number(handle), token);
        if (before == null) {
            world.record(event(Event.Kind.DRAWN, handle, hold.call(), "").withToken(token));
        } else if (before != token) {
            contradicted(hold, "its token was " + before + " and is " + token);
        }
        return token;
    }

    /** From writer to reader; null if that came too late. */
    @Nullable
    Hold downgraded(Hold hold, ReadWriteLeaseLock pair) {
        // What is said from now on, is said as a reader.
        holds.remove(hold);
        record(Event.Kind.DOWNGRADING, hold.handle(), hold.call(), "");
        LockHandle reading;
        downgrading.put(entry(hold.handle()), hold.handle());
        try {
            reading = pair.downgrade(hold.handle());
        } catch (LockException lost) {
            downgrading.remove(entry(hold.handle()));
            return null;
        }
        granted.add(reading);
        Hold reader = new Hold(hold.call(), reading, hold.wish(), true);
        holds.add(reader);
        record(Event.Kind.DOWNGRADED, reading, hold.call(), "");
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
                    number(hold.handle()),
                    "",
                    terms));
        }
    }

    /** The user gives it back: not asked any more. */
    void releasing(Hold hold) {
        holds.remove(hold);
        record(Event.Kind.RELEASING, hold.handle(), hold.call(), "");
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
        record(Event.Kind.RELEASED, hold.handle(), hold.call(), waitedFor ? "" : Event.IN_BACKGROUND);
    }

    void contradicted(Hold hold, String what) {
        record(Event.Kind.CONTRADICTED, hold.handle(), hold.call(), what);
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
        record(held ? Event.Kind.HELD : Event.Kind.NOT_HELD, hold.handle(), hold.call(), "");
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
    @Nullable
    LockHandle untaken(String name) {
        // Listeners may hear of the one before, of whose grant its user knows, only after that.
        return acquired.getOrDefault(name, new ArrayDeque<>()).stream()
                .filter(handle -> !taken.contains(number(handle)))
                .findFirst()
                .orElse(null);
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
            long number = number(handle);
            LockHandle writing = downgrading.get(entry(handle));
            if (writing != null && !sameHold(writing, handle)) {
                downgrading.remove(entry(handle));
            } else {
                toldOfRequests--;
            }
            acquired.computeIfAbsent(handle.name(), first -> new ArrayDeque<>()).addFirst(handle);
            record(Event.Kind.TOLD_ACQUIRED, handle, 0, "");
        }

        @Override
        public void released(LockHandle handle, LockOptions options, Duration held) {
            record(Event.Kind.TOLD_RELEASED, handle, 0, "");
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            record(Event.Kind.TOLD_LOST, handle, 0, loss.reason().name());
            if (loss.fencingToken() != 0 && loss.fencingToken() != HoldOf.token(handle)) {
                record(Event.Kind.CONTRADICTED, handle, 0, "another token in its loss: " + loss.fencingToken());
            }
            // Without renewals a look at the lease after a clock jump may have brought its end nearer.
            if (loss.reason() == LockLoss.Reason.EXPIRED
                    && options.renew()
                    && held.compareTo(options.ttl().dividedBy(11)) < 0) {
                record(Event.Kind.CONTRADICTED, handle, 0, "granted when so little was left of its lease: " + held);
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
