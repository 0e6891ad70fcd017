package dev.holdfast.lock.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The signals sent to this process, from {@link #caught} on. The first ends every {@link #await}; once there is a receiver all go to it,
 * those that came before too. A signal that was ignored when the process started, as SIGHUP under {@code nohup}, stays so. Thread-safe.
 */
final class Signals {

    private final CompletableFuture<UnixSignal> first = new CompletableFuture<>();
    private @Nullable Consumer<UnixSignal> receiver;
    private @Nullable UnixSignal early;

    Signals() {}

    /** Takes the place of the JVM's own handlers, which would end it at once. */
    static Signals caught() {
        Signals signals = new Signals();
        for (UnixSignal each : UnixSignal.values()) {
            handle(each, signals);
        }
        return signals;
    }

    /** By name, because every mention of {@code sun.misc.Signal} is a warning that cannot be switched off; there is no other way. */
    private static void handle(UnixSignal signal, Signals signals) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            InvocationHandler raised = (proxy, method, arguments) -> {
                signals.raised(signal);
                return null;
            };
            Object handler =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handlerType}, raised);
            Object caught = type.getConstructor(String.class).newInstance(signal.name());
            type.getMethod("handle", type, handlerType).invoke(null, caught, handler);
        } catch (ReflectiveOperationException absent) {
            throw new CliException(ExitCode.FAILURE, "this JVM cannot catch signals: " + absent, absent);
        }
    }

    void raised(UnixSignal signal) {
        Consumer<UnixSignal> to;
        synchronized (this) {
            to = receiver;
            if (to == null) {
                early = signal;
            }
        }
        if (to != null) {
            to.accept(signal);
        }
        first.complete(signal);
    }

    void passTo(Consumer<UnixSignal> receiver) {
        UnixSignal missed;
        synchronized (this) {
            this.receiver = receiver;
            missed = early;
            early = null;
        }
        if (missed != null) {
            receiver.accept(missed);
        }
    }

    /** @throws Signalled if one has come */
    void check() throws Signalled {
        UnixSignal came = first.getNow(null);
        if (came != null) {
            throw new Signalled(came);
        }
    }

    /** Completes with the first. */
    CompletableFuture<UnixSignal> first() {
        return first;
    }

    /**
     * What the future gives, unless a signal comes before.
     *
     * @throws Signalled if one does; the future is cancelled then
     */
    <T> T await(CompletableFuture<T> future) throws Signalled, InterruptedException {
        try {
            CompletableFuture.anyOf(future, first).get();
        } catch (ExecutionException failed) {
            // told below
        }
        if (first.isDone()) {
            future.cancel(true);
            check();
        }
        try {
            return future.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException runtime) {
                throw runtime;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }
}
