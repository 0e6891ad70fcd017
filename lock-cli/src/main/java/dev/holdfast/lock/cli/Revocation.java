package dev.holdfast.lock.cli;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;

/**
 * Sees when etcd has confirmed that a lease is gone. All that a registry does after that when it closes is to tidy up a process that ends
 * anyway, which takes longer than the rest of a short run.
 */
final class Revocation implements ClientInterceptor {

    private volatile CompletableFuture<Void> next = new CompletableFuture<>();

    /** Completes with the next confirmation from now on. */
    CompletableFuture<Void> next() {
        CompletableFuture<Void> fresh = new CompletableFuture<>();
        next = fresh;
        return fresh;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel channel) {
        ClientCall<Q, A> call = channel.newCall(method, options);
        if (!"LeaseRevoke".equals(method.getBareMethodName())) {
            return call;
        }
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(new Noticing<>(listener), headers);
            }
        };
    }

    private final class Noticing<A> extends SimpleForwardingClientCallListener<A> {

        Noticing(ClientCall.Listener<A> listener) {
            super(listener);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            super.onClose(status, trailers);
            if (status.isOk()) {
                next.complete(null);
            }
        }
    }
}
