package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import net.bytebuddy.asm.Advice;

/**
 * The mistakes of the {@link Mutant}s, as code that is woven into the engine's methods: what is assigned to a parameter or result here
 * takes effect there. In the engine's package, whose classes they touch.
 */
public final class Mistakes {

    private static final Duration RENEWAL = Duration.ofSeconds(1);

    private Mistakes() {}

    /** Sends renewals of a lease whose session has ended. */
    public static void renew(EngineContext context, Mailbox mailbox, long lease, int times) {
        context.after(RENEWAL, mailbox, () -> {
            var unused = context.store().keepAlive(lease, RENEWAL);
            if (times > 1) {
                renew(context, mailbox, lease, times - 1);
            }
        });
    }

    /** To be called by the woven code: counts one entry less. */
    public static void uncount(Object lock) {
        try {
            Object owned = Objects.requireNonNull(((Map<?, ?>) field(lock, "holds"))
                    .get(new ThreadOwnedLock.Owner(
                            ((EngineLock) field(lock, "lock")).target(), Thread.currentThread())));
            Field depth = owned.getClass().getDeclaredField("depth");
            depth.setAccessible(true);
            depth.setInt(owned, 1);
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException("ThreadOwnedLock is not what this mutant was made for", changed);
        }
    }

    private static Object field(Object target, String name) throws ReflectiveOperationException {
        Field field = target.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(target);
    }

    static final class FromReceiveTime {

        private FromReceiveTime() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(value = 0, readOnly = false) ClockReading sentAt,
                @Advice.FieldValue("time") TimeSource time) {
            sentAt = ClockReading.of(time);
        }
    }

    static final class ByKey {

        private ByKey() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Txn txn, @Advice.FieldValue("entries") List<String> entries) {
            txn = Txn.of(new Op.Delete(KeyRange.single(entries.get(0))));
        }
    }

    static final class WithoutGuard {

        private WithoutGuard() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Txn txn) {
            txn = new Txn(txn.conditions().subList(0, 1), txn.then(), txn.otherwise());
        }
    }

    static final class Unconditional {

        private Unconditional() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Txn txn) {
            txn = new Txn(List.of(), txn.then(), List.of());
        }
    }

    static final class Nothing {

        private Nothing() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }
    }

    static final class OwnEntryAssumed {

        private OwnEntryAssumed() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(value = 0, readOnly = false) TxnResult result,
                @Advice.FieldValue("token") long token,
                @Advice.FieldValue("protocol") Protocol protocol) {
            List<OpResult> results = new ArrayList<>(result.results());
            KeyValue own = new KeyValue(protocol.entries().get(0), "", token, token, protocol.leaseId());
            results.set(0, new OpResult.Keys(List.of(own), false));
            result = new TxnResult(result.succeeded(), result.revision(), result.clusterId(), results);
        }
    }

    static final class RenewedOn {

        private RenewedOn() {}

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("context") EngineContext context,
                @Advice.FieldValue("mailbox") Mailbox mailbox,
                @Advice.FieldValue("leaseId") long lease) {
            renew(context, mailbox, lease, 5);
        }
    }

    static final class NoTime {

        private NoTime() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Duration margin) {
            margin = Duration.ZERO;
        }
    }

    static final class LeaseGone {

        private LeaseGone() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.This Session session) {
            session.leaseGone();
            return true;
        }
    }

    static final class RefusalIsEnd {

        private RefusalIsEnd() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.This Session session, @Advice.Argument(0) StoreException failure) {
            if (failure.kind() == StoreException.Kind.PERMISSION_DENIED) {
                session.leaseGone();
            }
        }
    }

    static final class NotRevoked {

        private NotRevoked() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.FieldValue("revoked") CompletableFuture<Void> revoked) {
            revoked.complete(null);
            return true;
        }
    }

    static final class GoneAtOnce {

        private GoneAtOnce() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("hold") AtomicReference<Hold> hold) {
            Hold current = hold.get();
            if (current != null) {
                current.gone();
            }
        }
    }

    static final class UnlessEnded {

        private UnlessEnded() {}

        @Advice.OnMethodExit
        static void exit(@Advice.This Session session, @Advice.Return(readOnly = false) boolean fit) {
            fit = !session.ended();
        }
    }

    static final class CreateRevision {

        private CreateRevision() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static long enter(@Advice.FieldValue("entry") QueueEntry entry) {
            return entry.createdAt();
        }

        @Advice.OnMethodExit
        static void exit(@Advice.Enter long created, @Advice.Return(readOnly = false) long token) {
            token = created;
        }
    }

    static final class TokenOfEntry {

        private TokenOfEntry() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("token") long created, @Advice.Return(readOnly = false) long token) {
            token = created;
        }
    }

    static final class WithoutDelete {

        private WithoutDelete() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Txn txn) {
            txn = new Txn(txn.conditions(), txn.then().subList(1, txn.then().size()), txn.otherwise());
        }
    }

    static final class NothingIfPassedOn {

        private NothingIfPassedOn() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.FieldValue("token") long token) {
            return token == Hold.NO_TOKEN;
        }
    }

    static final class Failed {

        private Failed() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.FieldValue("entry") QueueEntry entry) {
            entry.fail();
            return true;
        }
    }

    static final class Overtakes {

        private Overtakes() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("waiting") Deque<Request> waiting) {
            if (waiting.size() > 1) {
                waiting.addFirst(waiting.removeLast());
            }
        }
    }

    static final class InterruptIgnored {

        private InterruptIgnored() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.Argument(1) NameQueue.GivenUp why) {
            return why == NameQueue.GivenUp.INTERRUPTED;
        }
    }

    static final class FlagCleared {

        private FlagCleared() {}

        @Advice.OnMethodExit
        static void exit() {
            Thread.interrupted();
        }
    }

    static final class Uncounted {

        private Uncounted() {}

        @Advice.OnMethodExit
        static void exit(@Advice.This Object lock, @Advice.Return boolean entered) {
            if (entered) {
                uncount(lock);
            }
        }
    }

    static final class Yes {

        private Yes() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean answer) {
            answer = true;
        }
    }

    static final class No {

        private No() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean answer) {
            answer = false;
        }
    }

    static final class OneMore {

        private OneMore() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("type") Kind.Type type, @Advice.Return(readOnly = false) int permits) {
            if (type == Kind.Type.SEMAPHORE) {
                permits++;
            }
        }
    }

    static final class NotForReaders {

        private NotForReaders() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("type") Kind.Type type, @Advice.Return(readOnly = false) boolean blocked) {
            if (type == Kind.Type.SHARED) {
                blocked = false;
            }
        }
    }

    static final class TheOther {

        private TheOther() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Standing other, @Advice.Return(readOnly = false) Standing both) {
            both = other;
        }
    }

    static final class FirstOnly {

        private FirstOnly() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Txn txn) {
            txn = new Txn(txn.conditions().subList(0, 1), txn.then().subList(0, 1), List.of());
        }
    }

    static final class WritesNothing {

        private WritesNothing() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Txn txn) {
            txn = new Txn(txn.conditions(), List.of(), List.of());
        }
    }

    static final class OfTheNext {

        private OfTheNext() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(0) TxnResult whole, @Advice.Argument(value = 1, readOnly = false) int member) {
            member = (member + 1) % whole.results().size();
        }
    }

    static final class FirstAnswered {

        private FirstAnswered() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(
                @Advice.FieldValue("members") List<Operation> members, @Advice.FieldValue("result") TxnResult result) {
            if (members.size() == 1 || result == null) {
                return false;
            }
            members.get(0).answer(((TxnResult) result.results().get(0)));
            return true;
        }
    }
}
