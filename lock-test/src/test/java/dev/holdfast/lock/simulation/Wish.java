package dev.holdfast.lock.simulation;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.history.Terms;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks for.
 *
 * @param pair the lock as a pair, if it is the writer's of one
 */
record Wish(LeaseLock lock, Terms terms, @Nullable ReadWriteLeaseLock pair) {

    /** Something that the name is used for, or, in a world of disagreement, now and then not. */
    static Wish draw(World world, Plan plan, LockRegistry locks, LockOptions options) {
        String name = plan.names().get(world.random().nextInt(plan.names().size()));
        List<String> exclusive = plan.names().stream()
                .filter(other -> plan.use(other).mode() != Terms.Mode.SEMAPHORE
                        && !plan.use(other).elected())
                .toList();
        if (plan.sets() && exclusive.size() > 1 && world.chance(40)) {
            List<String> set = exclusive.size() == 2 || world.chance(50) ? exclusive.subList(0, 2) : exclusive;
            LeaseLock lock = locks.allOf(set, options);
            return wish(lock, Terms.allOf(set.stream().sorted().toList()), null);
        }
        if (plan.disagreement() && world.chance(10)) {
            int permits = 2 + world.random().nextInt(3);
            return wish(locks.semaphore(name, permits, options), Terms.semaphore(permits), null);
        }
        return asUsed(world, plan, locks, options, name);
    }

    /** What the name is used for. */
    static Wish asUsed(World world, Plan plan, LockRegistry locks, LockOptions options, String name) {
        Plan.Use use = plan.use(name);
        return switch (use.mode()) {
            case EXCLUSIVE -> wish(locks.lock(name, options), Terms.EXCLUSIVE, null);
            case SEMAPHORE -> wish(locks.semaphore(name, use.permits(), options), Terms.semaphore(use.permits()), null);
            case SHARED -> {
                ReadWriteLeaseLock pair = locks.readWriteLock(name, options);
                yield world.chance(65)
                        ? wish(pair.readLock(), Terms.SHARED, null)
                        : wish(pair.writeLock(), Terms.EXCLUSIVE, pair);
            }
        };
    }

    private static Wish wish(LeaseLock lock, Terms terms, @Nullable ReadWriteLeaseLock pair) {
        LockOptions options = lock.options();
        return new Wish(lock, terms.withKeep(options.holdAtLeast()).withCap(options.maxHold()), pair);
    }

    String name() {
        return lock.name();
    }

    /** The names in the store. */
    List<String> names() {
        return terms.names().isEmpty() ? List.of(lock.name()) : terms.names();
    }

    /** Whether it is had as leadership, which is an exclusive lock of one name. */
    boolean elected(Plan plan) {
        return exclusive() && names().size() == 1 && plan.use(name()).elected();
    }

    boolean exclusive() {
        return terms.mode() == Terms.Mode.EXCLUSIVE;
    }
}
