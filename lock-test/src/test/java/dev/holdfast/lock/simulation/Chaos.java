package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import java.util.List;

/** Brings the faults of a plan into the world, one after the other, and takes them away at the end. */
final class Chaos {

    private static final List<StoreException.Kind> REFUSALS = List.of(
            StoreException.Kind.EXHAUSTED,
            StoreException.Kind.UNAUTHENTICATED,
            StoreException.Kind.PERMISSION_DENIED,
            StoreException.Kind.UNAVAILABLE);

    private final World world;
    private final Plan plan;
    private final Cluster cluster;
    private final Store store;
    private final Population population;
    private final List<Fault> faults;
    private boolean over;

    Chaos(World world, Plan plan, Cluster cluster, Store store, Population population) {
        this.world = world;
        this.plan = plan;
        this.cluster = cluster;
        this.store = store;
        this.population = population;
        this.faults = List.copyOf(plan.faults());
    }

    void start() {
        if (!faults.isEmpty()) {
            next();
        }
    }

    void heal() {
        over = true;
        cluster.members().forEach(Member::thaw);
        for (Jvm jvm : population.alive()) {
            jvm.machine().resume();
            jvm.link().heal();
        }
        store.removeForeignKeys();
        world.record("chaos", Event.Kind.HEALED, "", 0, 0, "");
    }

    private void next() {
        world.after(world.upTo(plan.pause().toNanos() * 2), () -> {
            if (!over) {
                bring(pick(faults));
                next();
            }
        });
    }

    private void bring(Fault fault) {
        Jvm jvm = pick(population.alive());
        Link link = jvm.link();
        switch (fault) {
            case LOSS ->
                forAWhile(
                        fault, jvm, () -> link.lossPercent = 1 + world.random().nextInt(60), link::heal);
            case SLOWNESS -> forAWhile(fault, jvm, () -> link.slowest = world.upToMillis(3_000), link::heal);
            case CUT ->
                forAWhile(
                        fault,
                        jvm,
                        () -> {
                            link.requestsCut = true;
                            link.answersCut = true;
                        },
                        link::heal);
            case ONE_WAY_CUT -> {
                boolean requests = world.chance(50);
                forAWhile(
                        fault,
                        jvm,
                        () -> {
                            link.requestsCut = requests;
                            link.answersCut = !requests;
                        },
                        link::heal);
            }
            case REPEATED_REQUESTS -> forAWhile(fault, jvm, () -> link.repeatPercent = 30, link::heal);
            case LATE_REQUESTS -> forAWhile(fault, jvm, () -> link.latePercent = 20, link::heal);
            case REFUSALS -> forAWhile(fault, jvm, () -> link.refusal = pick(REFUSALS), link::heal);
            case LOST_WATCH_EVENTS ->
                forAWhile(fault, jvm, () -> link.watchLossPercent = world.chance(50) ? 100 : 40, link::heal);
            case REPEATED_WATCH_EVENTS -> forAWhile(fault, jvm, () -> link.watchRepeatPercent = 50, link::heal);
            case BROKEN_WATCHES -> link.breakWatches(true);
            case FROZEN_MEMBER -> {
                if (memberMayFail()) {
                    Member member = pick(cluster.members());
                    member.freeze();
                    world.after(world.upToMillis(15_000), member::thaw);
                }
            }
            case RESTARTED_MEMBER -> {
                if (memberMayFail()) {
                    pick(cluster.members()).restart();
                    world.after(
                            world.upToMillis(500),
                            () -> population.alive().forEach(one -> one.link().breakWatches(false)));
                }
            }
            case STOPPED_JVM -> {
                jvm.machine().stop(false);
                world.after(world.upToMillis(world.chance(50) ? 2_000 : 25_000), jvm.machine()::resume);
            }
            case SUSPENDED_JVM -> {
                jvm.machine().stop(true);
                world.after(world.upToMillis(25_000), jvm.machine()::resume);
            }
            case KILLED_JVM -> population.replace(jvm, true);
            case CLOSED_JVM -> population.replace(jvm, false);
            case WALL_CLOCK_STEP -> {
                // As likely as any: just so that it hides the last sleep.
                Machine machine = jvm.machine();
                machine.stepWallClock(
                        world.chance(40)
                                ? -machine.lastSleepMillis()
                                : world.random().nextInt(-5_000, 5_000));
            }
            case OTHER_HANDS -> cluster.propose(this::interfere);
            case EXPIRED_CREDENTIALS -> link.expireCredentials();
            case DEAD_CONNECTION -> forAWhile(fault, jvm, () -> link.dead = true, () -> link.dead = false);
            case FALSE_AUDITS -> forAWhile(fault, jvm, () -> link.falseAuditPercent = 50, link::heal);
            case FOREIGN_KEYS -> cluster.propose(() -> store.putForeign(pick(plan.names())));
            case INTERRUPTS ->
                population.users().forEach(user -> {
                    if (world.chance(30)) {
                        user.interrupt();
                    }
                });
            case CANCELLATIONS ->
                population.users().forEach(user -> {
                    if (world.chance(30)) {
                        user.cancel();
                    }
                });
        }
    }

    /** One member at a time, if nothing may be lost. */
    private boolean memberMayFail() {
        return !plan.harmless() || cluster.members().stream().allMatch(Member::running);
    }

    private void forAWhile(Fault fault, Jvm jvm, Runnable begin, Runnable end) {
        world.record(jvm.machine().name(), Event.Kind.FAULT, "", 0, 0, fault.name());
        begin.run();
        world.after(world.upToMillis(world.chance(70) ? 4_000 : 20_000), () -> {
            world.record(jvm.machine().name(), Event.Kind.FAULT, "", 0, 0, fault + " over");
            end.run();
        });
    }

    /** Somebody with etcdctl. */
    private void interfere() {
        List<KeyValue> entries = store.entries();
        if (over || entries.isEmpty()) {
            return;
        }
        KeyValue entry = pick(entries);
        switch (world.random().nextInt(3)) {
            case 0 -> {
                store.interfered(entry);
                store.run(new Op.Delete(KeyRange.single(entry.key())));
            }
            case 1 -> {
                store.interfered(entry);
                store.detach(entry);
            }
            default -> {
                entries.stream()
                        .filter(other -> other.leaseId() == entry.leaseId())
                        .forEach(store::interfered);
                store.revoke(entry.leaseId());
            }
        }
    }

    private <T> T pick(List<T> from) {
        return from.get(world.random().nextInt(from.size()));
    }
}
