package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The programs of the etcd under test.
 *
 * @param programs their directory; null: on the {@code PATH}
 */
record Etcd(@Nullable Path programs) {

    static final Etcd ON_PATH = new Etcd(null);

    static Etcd of(EtcdVersion version) {
        return new Etcd(version.programs());
    }

    EtcdServer.Builder server() {
        return programs == null ? EtcdServer.builder() : EtcdServer.builder().programs(programs);
    }

    @Override
    public String toString() {
        return programs == null ? "installed" : programs.getFileName().toString();
    }
}
