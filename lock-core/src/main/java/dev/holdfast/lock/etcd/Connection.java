package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One jetcd client, used through its own channel, and when it last got an answer. Thread-safe. Replaced as a whole when nothing
 * succeeds any more, because gRPC itself may wait two minutes before it tries a server again.
 */
final class Connection {

    private final ConnectionSettings settings;
    private final TxnCodec codec;
    private final Client client;
    private final Channel channel;
    private final CallOptions options;
    private final Consumer<Connection> onFailure;
    private final Watches watches;
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long lastAnswer;

    /**
     * Opens nothing yet: gRPC connects with the first request.
     *
     * @param onFailure told on an I/O thread of each request no server answered
     */
    Connection(ConnectionSettings settings, Consumer<Connection> onFailure, Watches.Refresh refresh) {
        this.settings = settings;
        this.onFailure = onFailure;
        this.codec =
                new TxnCodec(new Keyspace(settings.namespace()), settings.mayHaveUser() ? settings.keyPrefix() : null);
        this.lastAnswer = System.nanoTime() - TimeUnit.DAYS.toNanos(1);
        ChannelCapture capture = new ChannelCapture(settings.timeout());
        // Added last, so that it is called first and the channel behind it still has the user's interceptors.
        client = settings.clientBuilder().interceptor(capture).build();
        try {
            // The one call of jetcd that starts on this very thread; the capture keeps it back.
            client.getLeaseClient().keepAliveOnce(1);
        } catch (RuntimeException | Error broken) {
            client.close();
            throw broken;
        }
        channel = capture.captured().channel();
        options = capture.captured().options().withoutWaitForReady().withExecutor(Runnable::run);
        watches = new Watches(this, codec.keyspace(), refresh);
    }

    Client client() {
        return client;
    }

    ConnectionSettings settings() {
        return settings;
    }

    /** Whether no request waits for its answer; watches do not count. */
    boolean idle() {
        return underWay.get() == 0;
    }

    TxnCodec codec() {
        return codec;
    }

    Watches watches() {
        return watches;
    }

    /** {@link System#nanoTime()} of the last answer of any server; long ago if there was none. */
    long lastAnswer() {
        return lastAnswer;
    }

    /** A linearizable read of next to nothing; also logs in. */
    CompletableFuture<RangeResponse> probe(Duration timeout) {
        return call(KVGrpc.getRangeMethod(), codec.probe(settings.keyPrefix()), timeout);
    }

    /** One request, one answer; also of methods that could stream. Fails with {@link StoreException} only. */
    <Q, A> CompletableFuture<A> call(MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        CallOptions withDeadline = options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        ClientCall<Q, A> call = channel.newCall(method, withDeadline);
        Single<A> listener = new Single<>(answer, "etcd " + method.getBareMethodName() + " failed");
        underWay.incrementAndGet();
        try {
            call.start(listener, new Metadata());
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        } catch (RuntimeException | Error broken) {
            call.cancel("could not be sent", broken);
            listener.over();
            answer.completeExceptionally(
                    new StoreException(Kind.UNAVAILABLE, "The request could not be sent: " + broken, broken));
        }
        return answer;
    }

    ClientCall<io.etcd.jetcd.api.WatchRequest, io.etcd.jetcd.api.WatchResponse> watchCall() {
        return channel.newCall(io.etcd.jetcd.api.WatchGrpc.getWatchMethod(), options.withDeadline(null));
    }

    void answered() {
        lastAnswer = System.nanoTime();
    }

    /** Takes note of how a call ended. */
    void ended(Status status) {
        if (status.isOk() || Failures.answered(status)) {
            answered();
        } else {
            onFailure.accept(this);
        }
    }

    /** Breaks the watches and drops the connections; requests under way fail. May block for a moment. */
    void close(StoreException cause) {
        watches.close(cause);
        client.close();
    }

    @Override
    public String toString() {
        return settings.toString();
    }

    private final class Single<A> extends ClientCall.Listener<A> {

        private final CompletableFuture<A> answer;
        private final String what;
        private @Nullable A message;
        private boolean over;

        Single(CompletableFuture<A> answer, String what) {
            this.answer = answer;
            this.what = what;
        }

        @Override
        public void onMessage(A message) {
            if (this.message == null) {
                this.message = message;
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            over();
            ended(status);
            A answered = message;
            if (!status.isOk()) {
                answer.completeExceptionally(Failures.of(status, what));
            } else if (answered == null) {
                answer.completeExceptionally(new StoreException(
                        Kind.UNAVAILABLE, what + ": the server ended the call without an answer", null));
            } else {
                answer.complete(answered);
            }
        }

        /** A call that could not be sent may be closed or not. */
        synchronized void over() {
            if (!over) {
                over = true;
                underWay.decrementAndGet();
            }
        }
    }
}
