package dev.holdfast.lock.spring.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.spring.LockLostEvent;
import dev.holdfast.lock.test.control.LockTestControl;
import dev.holdfast.lock.test.spring.AutoConfigureLockTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.platform.commons.support.AnnotationSupport;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** As a user would write it: nothing here waits for real time, though the application waits for minutes. */
@SpringBootTest(properties = {"holdfast.store=etcd", "holdfast.ttl=2m", "holdfast.wait-time=10m"})
@AutoConfigureLockTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(60)
class AutoConfigureLockTestTests {

    private final Shipping shipping;
    private final Alarm alarm;
    private final LockTestControl locks;

    @Autowired
    AutoConfigureLockTestTests(Shipping shipping, Alarm alarm, LockTestControl locks) {
        this.shipping = shipping;
        this.alarm = alarm;
        this.locks = locks;
    }

    @BeforeEach
    void forget() {
        shipping.shipped().clear();
        shipping.carrier(order -> {});
        alarm.rung.clear();
    }

    @Test
    void anOrderIsShippedUnderItsLock() throws Exception {
        shipping.carrier(order -> assertThat(locks.isHeld("order:7")).isTrue());
        shipping.ship(7);
        assertThat(shipping.shipped()).containsExactly(7);
        assertThat(locks.isHeld("order:7")).isFalse();
    }

    @Test
    void anOrderWhoseLockIsLostIsNotShipped() {
        shipping.carrier(order -> locks.lose("order:" + order));
        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shipping.ship(7));
        assertThat(shipping.shipped()).isEmpty();
        assertThat(alarm.rung).containsExactly("order:7");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aBodyThatBlocksIsInterrupted() {
        shipping.carrier(order -> {
            locks.lose("order:" + order);
            new CountDownLatch(1).await();
        });
        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shipping.ship(7));
    }

    @Test
    void aBusyOrderIsNotShipped() {
        locks.holdElsewhere("order:7");
        assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> shipping.ship(7));
        assertThat(shipping.shipped()).isEmpty();
    }

    @Test
    void anOrderThatIsBusyForAWhileIsShippedThen() throws Exception {
        locks.holdElsewhere("order:7", Duration.ofMinutes(5));
        shipping.ship(7);
        assertThat(shipping.shipped()).containsExactly(7);
    }

    @Test
    void aReportIsSkippedWhileAnotherInstanceMakesIt() {
        locks.holdElsewhere("report");
        assertThat(shipping.report()).isNull();
    }

    @Test
    void withoutEtcdNothingIsShipped() {
        locks.etcdAway();
        assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> shipping.ship(7));
    }

    @Test
    void anOutageLongerThanTheTtlStopsAnOrderUnderWay() {
        shipping.carrier(order -> {
            locks.etcdAway();
            locks.advance(Duration.ofMinutes(2));
        });
        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shipping.ship(7));
        assertThat(shipping.shipped()).isEmpty();
    }

    @Test
    void aShortOutageStopsNothing() throws Exception {
        shipping.carrier(order -> {
            locks.etcdAway();
            locks.advance(Duration.ofSeconds(20));
            locks.etcdBack();
            locks.advance(Duration.ofMinutes(30));
        });
        shipping.ship(7);
        assertThat(shipping.shipped()).containsExactly(7);
    }

    @Test
    @Order(1)
    void whatATestDoesToTheLocks() {
        locks.holdElsewhere("order:8");
        locks.etcdAway();
    }

    @Test
    @Order(2)
    void isUndoneBeforeTheNext() throws Exception {
        shipping.ship(8);
        assertThat(shipping.shipped()).containsExactly(8);
    }

    @Test
    void testsThatShareAControlRunOneAfterTheOther() {
        assertThat(AnnotationSupport.findRepeatableAnnotations(getClass(), ResourceLock.class))
                .extracting(ResourceLock::value, ResourceLock::mode)
                .containsExactly(tuple(LockTestControl.class.getName(), ResourceAccessMode.READ_WRITE));
    }

    static class Alarm {

        final List<String> rung = new CopyOnWriteArrayList<>();

        @EventListener
        void on(LockLostEvent event) {
            rung.add(event.loss().name());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Shipping shipping() {
            return new Shipping();
        }

        @Bean
        Alarm alarm() {
            return new Alarm();
        }
    }
}
