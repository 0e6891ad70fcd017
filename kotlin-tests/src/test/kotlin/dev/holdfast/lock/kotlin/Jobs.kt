package dev.holdfast.lock.kotlin

import dev.holdfast.lock.LockException
import dev.holdfast.lock.LockNotAcquiredException
import dev.holdfast.lock.spring.DistributedLock
import dev.holdfast.lock.spring.OnBusy
import dev.holdfast.lock.spring.OnLost
import dev.holdfast.lock.spring.ReactiveLockContext
import io.micrometer.observation.Observation
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.reactor.ReactorContext
import kotlinx.coroutines.reactor.awaitSingle
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.springframework.beans.factory.ObjectProvider
import org.springframework.scheduling.annotation.Scheduled

/** What the jobs did, seen from outside of their proxy. */
class Record {
    val calls = AtomicInteger()
    val events = CopyOnWriteArrayList<String>()
    val entered = CompletableDeferred<Unit>()
    val go = CompletableDeferred<String>()

    /** Runs in the call, before the job returns. */
    @Volatile
    var whileCalled: () -> Unit = {}

    @Volatile
    var exclusive = false

    /** Plain: only the lock keeps it right. */
    var counter = 0
}

open class Jobs(private val record: Record, private val self: ObjectProvider<Jobs>) {

    @DistributedLock(key = "#id", name = "job", waitTime = "30s")
    open suspend fun run(id: String): String {
        record.calls.incrementAndGet()
        record.entered.complete(Unit)
        return id + " " + record.go.await()
    }

    @DistributedLock(name = "job:a", waitTime = "30s")
    open suspend fun endless() {
        record.entered.complete(Unit)
        try {
            awaitCancellation()
        } finally {
            record.events += "stopped"
        }
    }

    @DistributedLock(name = "counter", waitTime = "30s")
    open suspend fun increment() {
        val before = record.counter
        yield()
        withContext(Dispatchers.Default) { yield() }
        record.counter = before + 1
    }

    @DistributedLock(name = "job:a")
    open suspend fun failing(): String {
        yield()
        throw OrderMissing("no order")
    }

    @DistributedLock(name = "job:a")
    open suspend fun nested(): String = self.getObject().nameOfLock() + " in " + lockName()

    @DistributedLock(name = "job:a")
    open suspend fun nameOfLock(): String = withContext(Dispatchers.IO) { lockName() }

    @DistributedLock(name = "job:a")
    open suspend fun nameOfCoroutine(): String? = currentCoroutineContext()[CoroutineName]?.name

    @DistributedLock(name = "job:a")
    open suspend fun nameOfObservation(): String? =
        currentCoroutineContext()[ReactorContext]?.context?.get<Observation>("micrometer.observation")?.contextView?.name

    @DistributedLock(name = "job:a", waitTime = "0s", onBusy = OnBusy.SKIP)
    open suspend fun skipped(): String? = "ran"

    @DistributedLock(name = "job:a", waitTime = "0s")
    open suspend fun impatient(): String = "ran"

    @DistributedLock(name = "capped", maxHold = "200ms")
    open suspend fun tooLong(): String {
        try {
            awaitCancellation()
        } finally {
            record.events += "stopped"
        }
    }

    @DistributedLock(name = "capped", maxHold = "200ms", onLost = OnLost.THROW)
    open suspend fun tooLongButFinishes(): String {
        val result = record.go.await()
        record.events += result
        return result
    }

    @DistributedLock(name = "job:a", waitTime = "30s")
    open fun numbers(): Flow<Int> = flow {
        record.calls.incrementAndGet()
        try {
            for (n in 1..1000) {
                emit(n)
            }
        } finally {
            record.events += "stopped"
        }
    }

    @DistributedLock(name = "job:a")
    open suspend fun numbersLater(): Flow<String> {
        yield()
        return flowOf(lockName(), lockName())
    }

    @DistributedLock(name = "job:a")
    open fun deferred(): Deferred<String> = record.go.also { record.entered.complete(Unit) }

    @DistributedLock(name = "job:a")
    open fun working(): Deferred<String> = record.go.also { record.whileCalled() }

    @DistributedLock(name = "capped", maxHold = "200ms")
    open fun workingTooLong(): Deferred<String> = record.go

    @DistributedLock(key = "#id", name = "job", waitTime = "0s", fallback = "busy")
    open suspend fun fallingBack(id: String): String = id + " " + record.go.await()

    @Suppress("unused")
    private suspend fun busy(id: String): String {
        yield()
        return "$id is busy in " + currentCoroutineContext()[CoroutineName]?.name
    }

    @DistributedLock(key = "#id", name = "job", waitTime = "0s", fallback = "told")
    open suspend fun fallingBackWithException(id: String): String = id + " " + record.go.await()

    @Suppress("unused")
    private suspend fun told(id: String, failure: LockException): String {
        yield()
        return "$id: " + failure.javaClass.simpleName
    }

    @DistributedLock(name = "job:a", waitTime = "0s", fallback = "noNumbers")
    open fun numbersOrNone(): Flow<Int> = flowOf(1, 2)

    @Suppress("unused")
    private fun noNumbers(failure: LockNotAcquiredException): Flow<Int> = flowOf(failure.lockName().length)

    open fun exclusive(): Boolean = record.exclusive

    @DistributedLock(name = "job:a", condition = "#root.target.exclusive()")
    open fun numbersIfExclusive(): Flow<Boolean> = flow {
        emit(isLocked())
        emit(isLocked())
    }

    @DistributedLock(name = "job:a", condition = "#root.target.exclusive()")
    open suspend fun nameIfExclusive(): String? = if (isLocked()) lockName() else null

    @DistributedLock(name = "job:a", condition = "#root.methodName")
    open fun numbersWithWrongCondition(): Flow<Int> = flowOf(1, 2)

    @DistributedLock(name = "job:a", condition = "#root.methodName")
    open suspend fun nameWithWrongCondition(): String = lockName()

    @DistributedLock(name = "job:a", condition = "false")
    open fun deferredUnlocked(): Deferred<String> = record.go.also { record.entered.complete(Unit) }

    private suspend fun lockName(): String = ReactiveLockContext.current().awaitSingle().name()
}

private suspend fun isLocked(): Boolean = nameOfHold() != null

private suspend fun nameOfHold(): String? =
    currentCoroutineContext()[ReactorContext]?.context?.let { ReactiveLockContext.find(it).orElse(null)?.name() }

open class ScheduledJobs(private val record: Record) {

    open fun exclusive(): Boolean = record.exclusive

    @Scheduled(fixedDelay = 20)
    @DistributedLock(name = "flow", condition = "#root.target.exclusive()")
    open fun stream(): Flow<Int> = flow {
        record.events += "flow ${nameOfHold() ?: "none"}"
        emit(1)
    }

    @Scheduled(fixedDelay = 20)
    @DistributedLock(name = "function", condition = "#root.target.exclusive()")
    open suspend fun function() {
        record.events += "function ${nameOfHold() ?: "none"}"
    }
}

class OrderMissing(message: String) : Exception(message)

open class SkipsWithoutNull {
    @DistributedLock(onBusy = OnBusy.SKIP)
    open suspend fun run(): String = ""
}

open class SkipsOrdinaryWithoutNull {
    @DistributedLock(onBusy = OnBusy.SKIP)
    open fun run(): String = ""
}

open class SkipsWithValue {
    @DistributedLock(onBusy = OnBusy.SKIP)
    open suspend fun nullable(): String? = null

    @DistributedLock(onBusy = OnBusy.SKIP)
    open suspend fun nothing() {}

    @DistributedLock(onBusy = OnBusy.SKIP)
    open fun ordinary() {}

    @DistributedLock(onBusy = OnBusy.SKIP)
    open fun numbers(): Flow<Int> = flowOf()
}

open class SuspendsForAFuture {
    @DistributedLock
    open suspend fun run(): Deferred<String> = CompletableDeferred("")
}

open class FallsBackWithoutSuspending {
    @DistributedLock(name = "job", fallback = "busy")
    open suspend fun run(id: String): String = id

    @Suppress("unused")
    fun busy(id: String): String = id
}

open class FallsBackSuspending {
    @DistributedLock(name = "job", fallback = "busy")
    open fun run(id: String): String = id

    @Suppress("unused")
    suspend fun busy(id: String, failure: LockException): String = id + failure
}

open class FallsBackOnAnotherType {
    @DistributedLock(name = "job", fallback = "busy")
    open suspend fun run(id: String): String = id

    @Suppress("unused")
    suspend fun busy(id: String, failure: LockException): Int = id.length + failure.hashCode()
}

open class FallsBackOnOtherElements {
    @DistributedLock(name = "job", fallback = "busy")
    open suspend fun run(): List<String> = listOf()

    @Suppress("unused")
    suspend fun busy(): List<Int> = listOf()
}

open class FallsBackOnOtherParameters {
    @DistributedLock(name = "job", fallback = "busy")
    open suspend fun run(id: String): String = id

    @Suppress("unused")
    suspend fun busy(number: Int): String = "$number"
}
