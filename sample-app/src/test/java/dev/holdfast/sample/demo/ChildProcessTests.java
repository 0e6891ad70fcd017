package dev.holdfast.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChildProcessTests {

    @Test
    void variablesForAnotherEtcdOrAnotherApplicationGoNoFurther() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "ETCD_NAME", "another",
                "ETCDCTL_ENDPOINTS", "http://127.0.0.1:1",
                "ETCD_UNSUPPORTED_ARCH", "arm64",
                "SPRING_DATASOURCE_URL", "jdbc:postgresql://db/mine",
                "SPRING_PROFILES_ACTIVE", "postgres",
                "HOLDFAST_ETCD_ENDPOINTS", "http://localhost:2379"));

        ChildProcess.cleanse(environment);

        assertThat(environment).containsOnlyKeys("ETCD_UNSUPPORTED_ARCH", "HOLDFAST_ETCD_ENDPOINTS");
    }
}
