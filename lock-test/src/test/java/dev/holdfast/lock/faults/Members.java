package dev.holdfast.lock.faults;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.lock.test.EtcdCluster;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The etcd under test, of one member or three, and etcdctl with the right to do everything. */
final class Members implements AutoCloseable {

    private static final String ROOT_PASSWORD = "root-secret";

    private final List<EtcdServer> members;
    private final @Nullable EtcdCluster cluster;
    private boolean authenticated;

    private Members(List<EtcdServer> members, @Nullable EtcdCluster cluster) {
        this.members = members;
        this.cluster = cluster;
    }

    static Members start(int count, EtcdServer.Builder builder) {
        if (count == 1) {
            return new Members(List.of(builder.start()), null);
        }
        EtcdCluster cluster = EtcdCluster.start(builder);
        return new Members(cluster.members(), cluster);
    }

    List<EtcdServer> all() {
        return members;
    }

    EtcdServer leader() {
        return cluster == null ? members.get(0) : cluster.leader();
    }

    List<String> endpoints() {
        return members.stream().map(EtcdServer::endpoint).toList();
    }

    String version() {
        JsonElement status = JsonParser.parseString(etcdctl("endpoint", "status", "-w", "json"));
        return status.getAsJsonArray()
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("Status")
                .get("version")
                .getAsString();
    }

    /** Makes the user {@code worker} with that password, and from then on nothing goes without one. */
    void requirePasswords(String workersPassword) {
        EtcdServer any = members.get(0);
        any.etcdctl("user", "add", "root:" + ROOT_PASSWORD);
        any.etcdctl("user", "grant-role", "root", "root");
        any.etcdctl("role", "add", "locker");
        grantPermission();
        any.etcdctl("user", "add", "worker:" + workersPassword);
        any.etcdctl("user", "grant-role", "worker", "locker");
        any.etcdctl("auth", "enable");
        authenticated = true;
    }

    /** Lets the workers read and write the keys of locks. */
    void grantPermission() {
        etcdctl("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
    }

    void revokePermission() {
        etcdctl("role", "revoke-permission", "locker", "--prefix=true", "locks/");
    }

    /** On a member that answers. */
    String etcdctl(String... args) {
        IllegalStateException last = new IllegalStateException("no member");
        for (EtcdServer member : members) {
            try {
                return etcdctlOn(member, args);
            } catch (IllegalStateException failed) {
                last = failed;
            }
        }
        throw last;
    }

    String etcdctlOn(EtcdServer member, String... args) {
        List<String> all = new ArrayList<>(asRoot());
        all.addAll(List.of("--dial-timeout=3s", "--command-timeout=5s"));
        all.addAll(List.of(args));
        return member.etcdctl(all.toArray(String[]::new));
    }

    /** Drops all history, as far as it is dropped at once. */
    void compact() {
        String revision = Long.toString(revisionOf(etcdctl("get", "any", "-w", "json")));
        try {
            etcdctl("compact", "--physical=true", revision);
        } catch (IllegalStateException failed) {
            // It repeats what it got no answer to, and is then told that it is done.
            if (!String.valueOf(failed.getMessage()).contains("has been compacted")) {
                throw failed;
            }
        }
    }

    /** As {@code move-leader} wants it. */
    String id(EtcdServer member) {
        JsonElement status = JsonParser.parseString(etcdctlOn(member, "endpoint", "status", "-w", "json"));
        return Long.toHexString(
                header(status.getAsJsonArray().get(0).getAsJsonObject().getAsJsonObject("Status"))
                        .get("member_id")
                        .getAsBigInteger()
                        .longValue());
    }

    /** What an answer, as JSON, says of the revision it was given at. */
    static long revisionOf(String answer) {
        return header(JsonParser.parseString(answer).getAsJsonObject())
                .get("revision")
                .getAsLong();
    }

    private static JsonObject header(JsonObject answer) {
        return answer.getAsJsonObject("header");
    }

    List<String> asRoot() {
        return authenticated ? List.of("--user=root:" + ROOT_PASSWORD) : List.of();
    }

    /** Starts all that are down; two of three may need each other to become healthy. */
    static void restart(List<EtcdServer> down) {
        CompletableFuture.allOf(down.stream()
                        .map(member -> CompletableFuture.runAsync(member::restart))
                        .toArray(CompletableFuture[]::new))
                .orTimeout(60, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    static Duration electionTimeout() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void close() {
        members.forEach(EtcdServer::close);
    }
}
