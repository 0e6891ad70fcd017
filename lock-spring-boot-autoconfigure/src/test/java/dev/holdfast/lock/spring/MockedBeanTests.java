package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

/** Locked beans that a test replaces with Mockito: Spring registers such a mock as an object, past all post-processors. */
@SpringJUnitConfig({LockedContext.Locks.class, MockedBeanTests.Real.class})
class MockedBeanTests {

    @MockitoBean
    private Orders orders;

    @MockitoBean
    private Payments payments;

    @MockitoSpyBean
    private Parcels parcels;

    @Autowired
    private FakeLockRegistry locks;

    @Test
    void aMockOfALockedClassAnswersWithoutALock() {
        when(orders.ship(7)).thenReturn("mocked");
        assertThat(orders.ship(7)).isEqualTo("mocked");
        assertThat(locks.log).noneMatch(entry -> entry.contains("orders"));
    }

    @Test
    void aMockOfALockedInterfaceAnswersWithoutALock() {
        when(payments.pay(7)).thenReturn("mocked");
        assertThat(payments.pay(7)).isEqualTo("mocked");
        assertThat(locks.log).noneMatch(entry -> entry.contains("payments"));
    }

    @Test
    void aSpyIsLocked() {
        assertThat(parcels.send()).isEqualTo("sent");
        assertThat(locks.log).contains("acquire parcels", "release parcels");
    }

    @Test
    void anObjectOfTheMockedClassIsStillRefused() {
        Orders mock = mock(Orders.class);
        LockedContext.with()
                .withInitializer(context -> {
                    context.getBeanFactory().registerSingleton("mock", mock);
                    context.getBeanFactory().registerSingleton("orders", new Orders());
                })
                .run(context -> assertThat(context.getStartupFailure())
                        .hasMessageContaining("has no effect on the bean 'orders'")
                        .hasMessageContaining("Mockito mock"));
    }

    static class Orders {

        @DistributedLock(name = "orders", key = "#id")
        String ship(long id) {
            return "shipped " + id;
        }
    }

    interface Payments {

        @DistributedLock(name = "payments", key = "#id")
        String pay(long id);
    }

    static class Parcels {

        @DistributedLock(name = "parcels")
        String send() {
            return "sent";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Real {

        @Bean
        Orders orders() {
            return new Orders();
        }

        @Bean
        Payments payments() {
            return id -> "paid " + id;
        }

        @Bean
        Parcels parcels() {
            return new Parcels();
        }
    }
}
