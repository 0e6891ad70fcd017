package dev.holdfast.lock.etcd;

import io.etcd.jetcd.api.AuthGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Takes the channel and the credentials out of a jetcd client: the first call through it is kept back and never sent. Every later
 * unary call of jetcd's own gets a deadline, which jetcd does not offer.
 */
final class ChannelCapture implements ClientInterceptor {

    /** A channel with the options, credentials above all, that jetcd's own calls use. */
    record Captured(Channel channel, CallOptions options) {}

    private final Duration timeout;
    private final AtomicReference<@Nullable Captured> captured = new AtomicReference<>();

    ChannelCapture(Duration timeout) {
        this.timeout = timeout;
    }

    Captured captured() {
        Captured result = captured.get();
        if (result == null) {
            throw new IllegalStateException("jetcd made no call; this is a bug in Holdfast");
        }
        return result;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        // jetcd's Authenticate passes here too, without credentials; it is never the first call, but better safe.
        boolean login = method.getFullMethodName()
                .equals(AuthGrpc.getAuthenticateMethod().getFullMethodName());
        if (!login && captured.compareAndSet(null, new Captured(next, options))) {
            return new Silent<>();
        }
        boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
        return next.newCall(
                method,
                unary && options.getDeadline() == null
                        ? options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                        : options);
    }

    /** A call that goes nowhere. */
    private static final class Silent<Q, A> extends ClientCall<Q, A> {

        @Override
        public void start(Listener<A> listener, Metadata headers) {}

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
