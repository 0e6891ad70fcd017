package dev.holdfast.lock.spring.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.autoconfigure.EtcdConnectionDetails;
import dev.holdfast.lock.test.EtcdContainer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.testcontainers.containers.GenericContainer;

/** As a user would write it: the application's etcd is a container. Needs a Docker engine; {@code ./dev test} runs it where one answers. */
@Tag("docker")
@SpringBootTest(properties = "holdfast.etcd.endpoints=no-url-at-all")
class EtcdContainerServiceConnectionTests {

    @Test
    void theApplicationLocksInTheContainer(@Autowired Jobs jobs, @Autowired GenericContainer<?> etcd) throws Exception {
        assertThat(jobs.run(etcd)).contains("locks/job/");
    }

    @Test
    void theEndpointIsThatOfTheContainer(
            @Autowired EtcdConnectionDetails details, @Autowired GenericContainer<?> etcd) {
        assertThat(details.endpoints()).containsExactly("http://" + etcd.getHost() + ":" + etcd.getMappedPort(2379));
        assertThat(details.username()).isNull();
        assertThat(details.sslBundle()).isNull();
    }

    @Test
    void theRegistryReachesIt(@Autowired LockRegistry registry) {
        assertThat(registry.lock("seat").tryAcquire()).isPresent();
    }

    static class Jobs {

        @DistributedLock(name = "job")
        String run(GenericContainer<?> etcd) throws Exception {
            LockContext.current().ensureHeld();
            return etcd.execInContainer("etcdctl", "get", "--prefix", "--keys-only", "locks/job/")
                    .getStdout();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        /** The name, since the image is made here and may be called anything. */
        @Bean
        @ServiceConnection("etcd")
        GenericContainer<?> etcd() {
            return EtcdContainer.create();
        }

        @Bean
        Jobs jobs() {
            return new Jobs();
        }
    }
}
