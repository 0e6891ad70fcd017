package dev.holdfast.lock.kotlin

import dev.holdfast.lock.LockLostException
import dev.holdfast.lock.LockNotAcquiredException
import dev.holdfast.lock.LockRegistry
import dev.holdfast.lock.memory.MemoryLockRegistry
import dev.holdfast.lock.spring.EnableDistributedLocks
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration
import dev.holdfast.lock.spring.autoconfigure.HoldfastObservationAutoConfiguration
import io.micrometer.observation.Observation
import io.micrometer.observation.ObservationHandler
import io.micrometer.observation.ObservationRegistry
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.reactor.asCoroutineContext
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.awaitility.Awaitility
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.springframework.boot.autoconfigure.AutoConfigurations
import org.springframework.boot.test.context.runner.ApplicationContextRunner
import org.springframework.context.annotation.Configuration
import org.springframework.scheduling.annotation.EnableScheduling
import java.util.function.Supplier
import reactor.util.context.Context

/** Suspending functions and flows, on the memory store. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CoroutineTests {

    private val record = Record()

    @Test
    fun `the lock is held until the function is finished`() = run { jobs, registry ->
        val result = async { jobs.run("a") }
        record.entered.await()
        assertThat(registry.isFree("job:a")).isFalse()
        assertThat(registry.isFree("job:b")).isTrue()
        record.go.complete("done")
        assertThat(result.await()).isEqualTo("a done")
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `coroutines exclude each other`() = run { jobs, _ ->
        withContext(Dispatchers.Default) {
            List(50) { launch { jobs.increment() } }.joinAll()
        }
        assertThat(record.counter).isEqualTo(50)
    }

    @Test
    fun `whoever waits leaves its thread to others`() = run { jobs, registry ->
        val one = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        one.use {
            withContext(one) {
                val other = registry.lock("job:a").acquire()
                val waiting = async { jobs.nameOfLock() }
                launch {
                    Awaitility.await().until { registry.status().waiting() == 1 }
                    other.release()
                }
                assertThat(waiting.await()).isEqualTo("job:a")
            }
        }
    }

    @Test
    fun `an exception arrives as it is and releases`() = run { jobs, registry ->
        assertThat(runCatching { jobs.failing() }.exceptionOrNull())
            .isInstanceOf(OrderMissing::class.java)
            .hasMessage("no order")
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `a coroutine cancelled while it holds the lock stops and releases`() = run { jobs, registry ->
        val job = launch { jobs.endless() }
        record.entered.await()
        job.cancelAndJoin()
        awaitFree(registry, "job:a")
        assertThat(record.events).containsExactly("stopped")
    }

    @Test
    fun `a coroutine cancelled while it waits withdraws its request`() = run { jobs, registry ->
        val other = registry.lock("job:a").acquire()
        val job = launch(Dispatchers.Default) { jobs.run("a") }
        Awaitility.await().until { registry.status().waiting() == 1 }
        job.cancelAndJoin()
        Awaitility.await().until { registry.status().waiting() == 0 }
        other.release()
        awaitFree(registry, "job:a")
        assertThat(record.calls).hasValue(0)
    }

    @Test
    fun `a nested call enters again on whatever thread`() = run { jobs, registry ->
        assertThat(jobs.nested()).isEqualTo("job:a in job:a")
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `the context of the caller reaches the function`() = run { jobs, _ ->
        assertThat(withContext(CoroutineName("orders")) { jobs.nameOfCoroutine() }).isEqualTo("orders")
    }

    @Test
    fun `wait and hold belong to the observation in the context, and the function to the hold`() {
        val parents = ConcurrentHashMap<String, String>()
        val observations = ObservationRegistry.create()
        observations
            .observationConfig()
            .observationHandler(
                object : ObservationHandler<Observation.Context> {
                    override fun supportsContext(context: Observation.Context) = true

                    override fun onStart(context: Observation.Context) {
                        parents["${context.name}"] = "${context.parentObservation?.contextView?.name}"
                    }
                }
            )
        ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory")
            .withConfiguration(
                AutoConfigurations.of(HoldfastAutoConfiguration::class.java, HoldfastObservationAutoConfiguration::class.java)
            )
            .withBean(ObservationRegistry::class.java, Supplier { observations })
            .withBean(Record::class.java, Supplier { record })
            .withBean(Jobs::class.java)
            .run { context ->
                val request = Observation.start("request", observations)
                val reactor = Context.of("micrometer.observation", request).asCoroutineContext()
                val inside = runBlocking(reactor) { context.getBean(Jobs::class.java).nameOfObservation() }
                assertThat(inside).isEqualTo("holdfast.lock.hold")
                assertThat(parents).containsEntry("holdfast.lock.wait", "request").containsEntry("holdfast.lock.hold", "request")
            }
    }

    @Test
    fun `a busy lock throws or skips`() = run { jobs, registry ->
        val other = registry.lock("job:a").acquire()
        assertThat(runCatching { jobs.impatient() }.exceptionOrNull()).isInstanceOf(LockNotAcquiredException::class.java)
        assertThat(jobs.skipped()).isNull()
        other.release()
        assertThat(jobs.skipped()).isEqualTo("ran")
    }

    @Test
    fun `a loss stops the function and is told to its caller`() = run { jobs, _ ->
        assertThat(runCatching { jobs.tooLong() }.exceptionOrNull()).isInstanceOf(LockLostException::class.java)
        Awaitility.await().untilAsserted { assertThat(record.events).containsExactly("stopped") }
    }

    @Test
    fun `with throw the function may finish before the loss is told`() = run { jobs, registry ->
        val result = async { runCatching { jobs.tooLongButFinishes() } }
        withContext(Dispatchers.IO) {
            Awaitility.await().until { registry.status().held() == 1 }
            Awaitility.await().until { registry.status().held() == 0 }
        }
        record.go.complete("done")
        assertThat(result.await().exceptionOrNull()).isInstanceOf(LockLostException::class.java)
        assertThat(record.events).containsExactly("done")
    }

    @Test
    fun `a flow is locked while it is collected`() = run { jobs, registry ->
        val numbers = jobs.numbers()
        assertThat(registry.status().held()).isZero()
        assertThat(numbers.toList()).hasSize(1000)
        assertThat(numbers.toList()).hasSize(1000)
        assertThat(record.calls).hasValue(2)
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `a flow of which only a part is collected is released`() = run { jobs, registry ->
        assertThat(jobs.numbers().take(2).toList()).containsExactly(1, 2)
        awaitFree(registry, "job:a")
        Awaitility.await().untilAsserted { assertThat(record.events).containsExactly("stopped") }
    }

    @Test
    fun `a flow from a suspending function is locked to its end`() = run { jobs, registry ->
        assertThat(jobs.numbersLater().toList()).containsExactly("job:a", "job:a")
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `a deferred holds the lock until it is complete`() = run { jobs, registry ->
        val result = jobs.deferred()
        record.entered.await()
        assertThat(registry.isFree("job:a")).isFalse()
        record.go.complete("done")
        assertThat(listOf(result).awaitAll()).containsExactly("done")
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `a deferred that is cancelled cancels its source and releases`() = run { jobs, registry ->
        val result = jobs.deferred()
        record.entered.await()
        result.cancelAndJoin()
        awaitFree(registry, "job:a")
        Awaitility.await().until { record.go.isCancelled }
    }

    @Test
    fun `a deferred that is cancelled while the function is called cancels its source and releases`() = run { jobs, registry ->
        val cancelled = CountDownLatch(1)
        record.whileCalled = {
            record.entered.complete(Unit)
            cancelled.await()
        }
        // Busy at first, or the function might be called on this thread, which is wanted here.
        val other = registry.lock("job:a").acquire()
        val result = jobs.working()
        other.release()
        record.entered.await()
        result.cancelAndJoin()
        cancelled.countDown()
        awaitFree(registry, "job:a")
        Awaitility.await().until { record.go.isCancelled }
    }

    @Test
    fun `a loss cancels the source of a deferred and is told`() = run { jobs, _ ->
        assertThat(runCatching { jobs.workingTooLong().await() }.exceptionOrNull()).isInstanceOf(LockLostException::class.java)
        Awaitility.await().until { record.go.isCancelled }
    }

    @Test
    fun `a suspending fallback answers for a busy lock, with the exception or without`() = run { jobs, registry ->
        val other = registry.lock("job:a").acquire()
        assertThat(withContext(CoroutineName("orders")) { jobs.fallingBack("a") }).isEqualTo("a is busy in orders")
        assertThat(jobs.fallingBackWithException("a")).isEqualTo("a: LockNotAcquiredException")
        assertThat(jobs.numbersOrNone().toList()).containsExactly("job:a".length)
        other.release()
        record.go.complete("done")
        assertThat(jobs.fallingBack("a")).isEqualTo("a done")
        assertThat(jobs.fallingBackWithException("a")).isEqualTo("a done")
    }

    @Test
    fun `a fallback that cannot answer for a suspending function is refused`() {
        val refused =
            mapOf(
                FallsBackWithoutSuspending::class.java to listOf("is not a suspending function", "suspending java.lang.String busy(String)"),
                FallsBackSuspending::class.java to listOf("is a suspending function", "Make it java.lang.String busy(String)"),
                FallsBackOnAnotherType::class.java to listOf("returns java.lang.Integer instead of java.lang.String"),
                FallsBackOnOtherElements::class.java to listOf("returns java.util.List<java.lang.Integer> instead of"),
                FallsBackOnOtherParameters::class.java to
                    listOf("busy(int)", "suspending java.lang.String busy(String) or busy(String, LockException)"),
            )
        for ((type, texts) in refused) {
            context().withBean(type).run { context ->
                val failure = assertThat(context.startupFailure).rootCause()
                texts.forEach { failure.hasMessageContaining(it) }
            }
        }
    }

    @Test
    fun `skip is refused where the result is never null`() {
        for (type in listOf(SkipsWithoutNull::class.java, SkipsOrdinaryWithoutNull::class.java)) {
            context().withBean(type).run { context ->
                assertThat(context.startupFailure)
                    .rootCause()
                    .hasMessageContaining(type.name + ".run(")
                    .hasMessageContaining("never null")
            }
        }
        context().withBean(SkipsWithValue::class.java).run { context -> assertThat(context.startupFailure).isNull() }
    }

    @Test
    fun `a suspending function that returns a future is refused`() {
        context().withBean(SuspendsForAFuture::class.java).run { context ->
            assertThat(context.startupFailure).rootCause().hasMessageContaining("Await the result inside the function")
        }
    }

    @Test
    fun `a condition is asked on each call of a function and on each collection of a flow`() = run { jobs, registry ->
        val numbers = jobs.numbersIfExclusive()
        for (exclusive in listOf(false, true, false)) {
            record.exclusive = exclusive
            assertThat(numbers.toList()).containsExactly(exclusive, exclusive)
            assertThat(jobs.nameIfExclusive()).isEqualTo(if (exclusive) "job:a" else null)
        }
        assertThat(registry.isFree("job:a")).isTrue()
    }

    @Test
    fun `an error of the condition is that of the collection, or of the call`() = run { jobs, _ ->
        val numbers = jobs.numbersWithWrongCondition()
        assertThat(runCatching { numbers.toList() }.exceptionOrNull()).isInstanceOf(IllegalArgumentException::class.java)
        assertThat(runCatching { jobs.nameWithWrongCondition() }.exceptionOrNull()).isInstanceOf(IllegalArgumentException::class.java)
    }

    @Test
    fun `a deferred without a lock cancels its source too`() = run { jobs, registry ->
        val result = jobs.deferredUnlocked()
        record.entered.await()
        assertThat(registry.isFree("job:a")).isTrue()
        result.cancelAndJoin()
        Awaitility.await().until { record.go.isCancelled }
    }

    @Test
    fun `each turn of a scheduled flow, and of a scheduled function, asks the condition`() {
        context().withUserConfiguration(Scheduling::class.java).withBean(ScheduledJobs::class.java).run { context ->
            assertThat(context.startupFailure).isNull()
            awaitTurns("flow none", "function none")
            record.exclusive = true
            awaitTurns("flow flow", "function function")
            record.exclusive = false
            awaitTurns("flow none", "function none")
        }
    }

    private fun awaitTurns(vararg wanted: String) {
        record.events.clear()
        Awaitility.await().until { record.events.containsAll(wanted.toList()) }
    }

    private fun run(test: suspend CoroutineScope.(Jobs, LockRegistry) -> Unit) {
        context().withBean(Jobs::class.java).run { context ->
            val jobs = context.getBean(Jobs::class.java)
            val registry = context.getBean(LockRegistry::class.java)
            runBlocking { test(jobs, registry) }
        }
    }

    private fun context(): ApplicationContextRunner =
        ApplicationContextRunner()
            .withUserConfiguration(Locks::class.java)
            .withBean(Record::class.java, Supplier { record })
            .withBean(LockRegistry::class.java, Supplier { MemoryLockRegistry.create() })

    private fun LockRegistry.isFree(name: String): Boolean {
        val handle = lock(name).tryAcquire()
        handle.ifPresent { it.release() }
        return handle.isPresent
    }

    private fun awaitFree(registry: LockRegistry, name: String) {
        Awaitility.await().until { registry.isFree(name) }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableDistributedLocks
    open class Locks

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    open class Scheduling
}
