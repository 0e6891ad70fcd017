package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace of Linux for each member, on a bridge that this process is on too, so that packets between two members can be
 * dropped in one direction or both. Needs root.
 */
final class Networks implements AutoCloseable {

    private static final int SIZE = 3;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String tag;
    private final String subnet;
    private final List<String> namespaces = new ArrayList<>();

    Networks() {
        Programs.need(
                Programs.onPath("ip") && Programs.onPath("iptables") && "root".equals(System.getProperty("user.name")),
                "root, ip and iptables for network namespaces (Debian: apt-get install iproute2 iptables)");
        // Names of networks that are being deleted stay taken for a while.
        long number = ProcessHandle.current().pid() * 10 + COUNT.getAndIncrement();
        tag = "hf" + number % 10_000_000;
        subnet = "10.231." + number % 250 + ".";
        try {
            build();
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private void build() {
        ip("link", "add", tag, "type", "bridge");
        ip("addr", "add", subnet + "1/24", "dev", tag);
        ip("link", "set", tag, "up");
        for (int i = 0; i < SIZE; i++) {
            String namespace = tag + "-" + i;
            String outside = tag + "o" + i;
            ip("netns", "add", namespace);
            namespaces.add(namespace);
            ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", namespace);
            ip("link", "set", outside, "master", tag, "up");
            within(i, "ip", "addr", "add", address(i) + "/24", "dev", "eth0");
            within(i, "ip", "link", "set", "eth0", "up");
            within(i, "ip", "link", "set", "lo", "up");
        }
    }

    List<Place> places() {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            places.add(new Place(address(i), List.of("ip", "netns", "exec", namespaces.get(i))));
        }
        return places;
    }

    private String address(int member) {
        return subnet + (10 + member);
    }

    /** From now on that member hears nothing of the other members. */
    void deafen(int member) {
        for (int other = 0; other < SIZE; other++) {
            if (other != member) {
                within(member, "iptables", "-A", "INPUT", "-s", address(other), "-j", "DROP");
            }
        }
    }

    /** From now on the other members hear nothing of that one. */
    void mute(int member) {
        for (int other = 0; other < SIZE; other++) {
            if (other != member) {
                within(member, "iptables", "-A", "OUTPUT", "-d", address(other), "-j", "DROP");
            }
        }
    }

    void heal(int member) {
        within(member, "iptables", "-F");
    }

    private void within(int member, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespaces.get(member)));
        all.addAll(List.of(command));
        Programs.run(all.toArray(String[]::new));
    }

    private static void ip(String... args) {
        List<String> all = new ArrayList<>(List.of("ip"));
        all.addAll(List.of(args));
        Programs.run(all.toArray(String[]::new));
    }

    @Override
    public void close() {
        namespaces.forEach(namespace -> quietly("netns", "del", namespace));
        quietly("link", "del", tag);
    }

    private static void quietly(String... args) {
        try {
            ip(args);
        } catch (IllegalStateException gone) {
            // as wanted
        }
    }
}
