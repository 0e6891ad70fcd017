package dev.holdfast.lock.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;

/**
 * Runs a method of a Spring bean only while it holds a lock that one process at a time can hold.
 *
 * <pre>{@code
 * @DistributedLock(key = "'order:' + #order.id", ttl = "30s", waitTime = "5s")
 * void ship(Order order) {...}
 * }</pre>
 *
 * <p>On a class it applies to every non-private instance method declared there, except {@code equals}, {@code hashCode} and
 * {@code toString}. It is found on interfaces and overridden methods, and works as a meta-annotation with {@link AliasFor}. A method
 * that already holds the name on its thread enters again without asking etcd. The lock is taken before a transaction begins and
 * released after it is committed. As with every Spring proxy, a call from within the same object ({@code this.ship(..)}) is not seen;
 * all else that cannot work fails the start.
 *
 * <p>A call throws {@link dev.holdfast.lock.LockNotAcquiredException} when the lock stayed busy (see {@link #onBusy()}),
 * {@link dev.holdfast.lock.LockUnavailableException} when etcd did not answer, {@link dev.holdfast.lock.LockLostException} when the
 * lock was lost (see {@link #onLost()}), and {@link IllegalArgumentException} when the key has no value. A thread interrupted while
 * it waits gets the {@link InterruptedException} if the method declares it, and otherwise, with its interrupt flag set again, a
 * {@code LockUnavailableException} that has it as cause. In all but the loss the method has not run.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface DistributedLock {

    /** Alias of {@link #key()}. */
    @AliasFor("key")
    String value() default "";

    /**
     * SpEL expression for the part of the lock's name that depends on the call: {@code #order.id}, {@code #p0}, {@code @bean.method()},
     * {@code #root.target}. Null or blank, also as an operand of a text built with {@code +}, is an error before the method runs.
     * {@code ${...}} is resolved first.
     */
    @AliasFor("value")
    String key() default "";

    /**
     * The lock's name as it is, or with a {@link #key()} its first part: {@code name:key}. Also the tag {@code lock} of the metrics.
     * Without name and key the lock is called {@code package.Class.method}, so overloads share it. {@code ${...}} is resolved.
     */
    String name() default "";

    /**
     * Name or qualifier of the {@link dev.holdfast.lock.LockRegistry} bean that keeps the lock; empty: the one that would be injected,
     * which is the only one or the primary one. {@code ${...}} is resolved.
     */
    String registry() default "";

    /** How long the lock outlives a process that died: {@code 30s}, {@code PT30S} or {@code ${...}}; empty: {@code holdfast.ttl}. */
    String ttl() default "";

    /** How long to wait while the lock is busy, {@code 0s}: not at all; as {@link #ttl()}; empty: {@code holdfast.wait-time}. */
    String waitTime() default "";

    /**
     * Whether the lock is renewed while the method runs; if not, it is lost when the TTL has passed. An array only so that it can be
     * left out: write {@code renew = false}. Without a value the registry's default applies.
     */
    boolean[] renew() default {};

    /**
     * Longest time the lock is held, however long the method runs: then it is lost (see {@link #onLost()}); as {@link #ttl()}; empty:
     * the registry's default, which is no limit.
     */
    String maxHold() default "";

    /**
     * For how long after it was taken others stay out, even if the method ends sooner; as {@link #ttl()}; empty: the registry's default,
     * which is none.
     */
    String holdAtLeast() default "";

    /**
     * How many may hold the lock at once, across all processes; all who use the name must state the same number. An array only so that
     * it can be left out: write {@code permits = 3}. Without a value one holds it.
     */
    int[] permits() default {};

    /** {@code SHARED}: as a reader, together with other readers. Not together with {@link #permits()}. */
    LockMode mode() default LockMode.EXCLUSIVE;

    /** What to do when the lock stayed busy. {@code SKIP} is refused on methods that return a primitive. */
    OnBusy onBusy() default OnBusy.THROW;

    /** What to do when the lock is lost while the method runs. */
    OnLost onLost() default OnLost.INTERRUPT;
}
