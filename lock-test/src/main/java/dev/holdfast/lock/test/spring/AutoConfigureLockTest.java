package dev.holdfast.lock.test.spring;

import dev.holdfast.lock.test.control.LockTestControl;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Runs a Spring test with its locks in memory, under the control of a {@link LockTestControl} bean. With {@code @SpringBootTest} or a
 * test slice it takes the place of etcd; alone, with {@code @ContextConfiguration}, it brings {@code @DistributedLock} and the registry
 * and nothing else of the application. After each test method etcd is back and nobody elsewhere holds a lock. Where JUnit runs tests in
 * parallel, those with this annotation run one after the other, since contexts, and with them the control, are shared.
 *
 * <pre>{@code
 * @SpringBootTest
 * @AutoConfigureLockTest
 * class ShippingTests {
 *     @Test
 *     void aBusyOrderIsNotShipped(@Autowired Shipping shipping, @Autowired LockTestControl locks) {
 *         locks.holdElsewhere("order:7");
 *         assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> shipping.ship(7));
 *     }
 * }
 * }</pre>
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(SpringExtension.class)
@ResourceLock("dev.holdfast.lock.test.control.LockTestControl")
@TestPropertySource(properties = "holdfast.store=memory")
@ImportAutoConfiguration
public @interface AutoConfigureLockTest {}
