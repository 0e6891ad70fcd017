package dev.holdfast.lock.test;

import dev.holdfast.lock.etcd.EtcdUnderTest;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The locks on an etcd in a container by Testcontainers. Needs a Docker engine; {@code ./dev test} runs it where one answers. */
@Tag("docker")
class ContainerLockConformanceTests extends LockConformanceTests {

    private static List<String> endpoints = List.of();

    ContainerLockConformanceTests() {
        super(new EtcdUnderTest(endpoints));
    }

    @BeforeAll
    static void start() {
        endpoints = List.of(EtcdContainer.start());
    }
}
