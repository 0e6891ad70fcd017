package dev.holdfast.lock.cli;

import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.EtcdServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Programs on an etcd that each class of tests has for itself, since some break it and some count its leases; each test has a name. */
@Timeout(120)
abstract class ProcessesOnEtcd {

    @RegisterExtension
    static final EtcdExtension OWN = EtcdExtension.withServer();

    static EtcdServer etcd;

    final String name = "job-" + UUID.randomUUID();

    @TempDir
    Path directory;

    Program.Setting setting;

    @BeforeAll
    static void take(EtcdServer own) {
        etcd = own;
    }

    @BeforeEach
    void set() {
        setting = new Program.Setting(directory).with("ETCDCTL_ENDPOINTS", etcd.endpoint());
    }

    /** Our program under the lock of the test, whose command is there until it is ended. */
    Program holding(String... options) {
        Path held = setting.file("held");
        List<String> line = new ArrayList<>(List.of("run"));
        line.addAll(List.of(options));
        line.addAll(List.of(name, "--", "sh", "-c", "echo in > " + held + "; exec sleep 60"));
        Program holder = setting.holdfast(line.toArray(String[]::new));
        try {
            holder.awaitIn(held, "in");
        } catch (RuntimeException | Error absent) {
            holder.close();
            throw absent;
        }
        return holder;
    }

    /** The leases of etcd; some may be of programs that earlier tests killed, and end at any time. */
    static List<String> leases() {
        return etcd.etcdctl("lease", "list").lines().skip(1).toList();
    }

    /** All keys of names that start with the test's. */
    List<String> keys() {
        return etcd.etcdctl("get", "--prefix", "--keys-only", "locks/" + name)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }
}
