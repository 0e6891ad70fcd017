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
 * released after it is committed. As with every Spring proxy, a call from within the same object ({@code this.ship(..)}) is not seen
 * ({@link LockContext#ensureHeld()} in the body tells); all else that cannot work fails the start.
 *
 * <p>A result that is complete later, such as a {@code CompletableFuture}, {@code Mono}, {@code Flux} or that of a suspending function,
 * keeps the lock until then; the call blocks no thread, and the exceptions below come through the result.
 *
 * <p>A call throws {@link dev.holdfast.lock.LockNotAcquiredException} when the lock stayed busy (see {@link #onBusy()} and {@link
 * #fallback()}), {@link dev.holdfast.lock.LockUnavailableException} when etcd did not answer, {@link
 * dev.holdfast.lock.LockLostException} when the lock was lost (see {@link #onLost()}), {@link
 * dev.holdfast.lock.LockConflictException} when others use the name for another kind of lock, {@link IllegalArgumentException} when
 * the key or the condition has no value, and {@link IllegalStateException} when its thread holds the name as another kind. A thread
 * interrupted while it waits gets the {@link InterruptedException} if the method declares it, and otherwise, with its interrupt flag
 * set again, a {@code LockUnavailableException} that has it as cause. In all but the loss the method has not run, unless it threw the
 * exception itself, as {@link dev.holdfast.lock.LockHandle#fencingToken()} may.
 *
 * <p>{@code ${...}} is resolved in every text, once, when the bean is created.
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
     *
     * <p>A collection or array, alone or as one operand, locks the names of all its elements at once ({@link
     * dev.holdfast.lock.LockRegistry#allOf}): 1 to {@link dev.holdfast.lock.LockOptions#MAX_NAMES}, duplicates once. An empty one is an
     * error; a {@link #condition()} can let such calls run without a lock.
     */
    @AliasFor("value")
    String key() default "";

    /**
     * The lock's name as it is, or with a {@link #key()} its first part: {@code name:key}. Also the tag {@code lock} of the metrics.
     * Without name and key the lock is called {@code package.Class.method}, so overloads share it.
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
     * How many may hold the lock at once, across all processes; all who use the name must state the same number, 1 to {@link
     * dev.holdfast.lock.LockOptions#MAX_PERMITS}. -1, the default: no semaphore; one holds it, or readers do (see {@link #mode()}).
     */
    int permits() default -1;

    /** {@code SHARED}: as a reader, together with other readers. Not together with {@link #permits()}. */
    LockMode mode() default LockMode.EXCLUSIVE;

    /**
     * SpEL expression with the variables of {@link #key()}; where it is false, the method runs without the lock. Null, or anything but
     * true and false, is an error before the method runs. Asked on each subscription to a result that is subscribed to, as the key is.
     * Empty: always locked.
     */
    String condition() default "";

    /** What to do when the lock stayed busy. {@code SKIP} is refused on methods that return a primitive. */
    OnBusy onBusy() default OnBusy.THROW;

    /**
     * Name of a method of the same bean that answers instead when the lock could not be taken. It has the parameters of this method and
     * optionally one more for the exception, may be private, and is called without the lock. Without that parameter, or with {@link
     * dev.holdfast.lock.LockNotAcquiredException}, it is for a busy lock; with {@link
     * dev.holdfast.lock.LockUnavailableException} for an etcd that does not answer; with {@link dev.holdfast.lock.LockException} or
     * more for whatever stopped the lock from being taken, except an interrupt. Where several fit, the nearest type decides.
     */
    String fallback() default "";

    /** What to do when the lock is lost while the method runs. */
    OnLost onLost() default OnLost.INTERRUPT;
}
