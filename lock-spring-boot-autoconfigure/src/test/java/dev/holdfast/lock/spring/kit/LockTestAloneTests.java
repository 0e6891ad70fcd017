package dev.holdfast.lock.spring.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.test.control.LockTestControl;
import dev.holdfast.lock.test.spring.AutoConfigureLockTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.ContextConfiguration;

/** Without {@code @SpringBootTest}: one bean of the application, and its locks. */
@AutoConfigureLockTest
@ContextConfiguration(classes = Shipping.class)
class LockTestAloneTests {

    @Test
    void theBeanIsLocked(@Autowired Shipping shipping, @Autowired LockTestControl locks) throws Exception {
        shipping.carrier(order -> assertThat(locks.isHeld("order:7")).isTrue());
        shipping.ship(7);
        locks.holdElsewhere("order:8");
        assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> shipping.ship(8));
        assertThat(shipping.shipped()).containsExactly(7);
    }

    @Test
    void nothingElseIsConfigured(@Autowired ApplicationContext context) {
        assertThat(context.getBeanDefinitionNames()).noneMatch(name -> name.contains("dataSource"));
    }
}
