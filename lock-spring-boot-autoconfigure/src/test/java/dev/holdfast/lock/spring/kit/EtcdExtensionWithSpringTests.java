package dev.holdfast.lock.spring.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** As a user would write it: an application on an etcd of three members that the test breaks. */
@SpringBootTest(properties = {"holdfast.wait-time=5s", "holdfast.etcd.request-timeout=1s"})
class EtcdExtensionWithSpringTests {

    @RegisterExtension
    static final EtcdExtension ETCD = EtcdExtension.withCluster();

    @DynamicPropertySource
    static void etcd(DynamicPropertyRegistry properties) {
        properties.add("holdfast.etcd.endpoints", () -> String.join(",", ETCD.endpoints()));
    }

    @Test
    void oneMemberOfThreeMayFail(@Autowired Shipping shipping) throws Exception {
        ETCD.cluster().followers().get(0).kill();
        shipping.ship(7);
        assertThat(shipping.shipped()).contains(7);
    }

    @Test
    void twoMayNot(@Autowired Shipping shipping) {
        ETCD.cluster().followers().forEach(member -> member.freeze());
        assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> shipping.ship(8));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Shipping.class)
    static class Application {}
}
