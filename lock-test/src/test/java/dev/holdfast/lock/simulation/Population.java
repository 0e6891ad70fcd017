package dev.holdfast.lock.simulation;

import java.util.ArrayList;
import java.util.List;

/** The JVMs and their users; who dies is replaced, while the world is busy. */
final class Population {

    /** A JVM and who is in it. */
    private record Household(Jvm jvm, List<User> users) {}

    private final World world;
    private final Plan plan;
    private final Cluster cluster;
    private final Resource resource;
    private final List<Household> households = new ArrayList<>();
    private final List<Jvm> all = new ArrayList<>();
    private boolean quiet;
    private int born;

    Population(World world, Plan plan, Cluster cluster, Resource resource) {
        this.world = world;
        this.plan = plan;
        this.cluster = cluster;
        this.resource = resource;
        for (int i = 0; i < plan.jvms(); i++) {
            add();
        }
        if (plan.rushes()) {
            rush();
        }
    }

    /** Now and then many want the same again and again. */
    private void rush() {
        world.after(world.upToMillis(6_000), () -> {
            if (!quiet) {
                for (Household household : households) {
                    if (world.chance(70)) {
                        household
                                .users()
                                .forEach(user -> world.after(
                                        world.upToMillis(10),
                                        () -> household.jvm().machine().gate(user::rush)));
                    }
                }
                rush();
            }
        });
    }

    List<Jvm> alive() {
        return households.stream().map(Household::jvm).toList();
    }

    /** Those that are gone too. */
    List<Jvm> everyJvm() {
        return all;
    }

    List<User> users() {
        return households.stream()
                .flatMap(household -> household.users().stream())
                .toList();
    }

    List<User> users(Jvm jvm) {
        return households.stream()
                .filter(household -> household.jvm() == jvm)
                .flatMap(household -> household.users().stream())
                .toList();
    }

    /** Nobody begins anything new, and nobody dies. */
    void quieten() {
        quiet = true;
        users().forEach(User::quieten);
    }

    boolean idle() {
        return users().stream().noneMatch(User::busy);
    }

    /** Ends a JVM, by kill or by close, and starts another. */
    void replace(Jvm jvm, boolean kill) {
        if (quiet || all.size() > plan.jvms() + 3) {
            return;
        }
        if (kill) {
            jvm.machine().kill();
        } else if (jvm.open()) {
            jvm.close();
        } else {
            return;
        }
        households.removeIf(household -> household.jvm() == jvm);
        add();
    }

    private void add() {
        Jvm jvm = new Jvm(world, cluster, plan, "jvm-" + ++born);
        List<User> users = new ArrayList<>();
        for (int i = 0; i < plan.users(); i++) {
            User user = new User(world, plan, jvm, resource);
            users.add(user);
            live(jvm, user);
        }
        all.add(jvm);
        households.add(new Household(jvm, users));
    }

    private void live(Jvm jvm, User user) {
        world.after(world.upToMillis(2_000), () -> {
            if (!quiet && !jvm.machine().dead() && !jvm.closed()) {
                jvm.machine().gate(() -> {
                    if (!quiet) {
                        user.act();
                    }
                });
                live(jvm, user);
            }
        });
    }
}
