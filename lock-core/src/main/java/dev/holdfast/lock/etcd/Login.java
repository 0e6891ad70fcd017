package dev.holdfast.lock.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks anew who logs in, for each login of jetcd, which would send the same user and password for ever. Asks on a thread of its own,
 * since the answer may come from afar; logins that wait at the same time share one answer, and one that waited too long for its
 * turn is not sent. Thread-safe.
 */
final class Login implements ClientInterceptor {

    private static final Logger log = LoggerFactory.getLogger(Login.class);

    /** Of a login that was not sent because of its source. */
    static final String UNTOLD = "User and password for etcd could not be had";

    private static final String AUTHENTICATE = AuthGrpc.getAuthenticateMethod().getFullMethodName();

    private static final EtcdCredentials SOMEBODY = new EtcdCredentials("-", "-");

    /** jetcd begins a login with each request while it has no token, and gives none up: while nobody answers they must not pile up. */
    private static final int MOST_WAITING = 64;

    private final Supplier<EtcdCredentials> source;
    private final Duration timeout;
    private final Executor thread = thread();
    private volatile @Nullable Answer last;

    /**
     * Asks once on the calling thread, so that what cannot be a user or a password is refused at once. A source that fails otherwise is
     * asked again by the first login.
     *
     * @param timeout of a login, from when it is sent; also how long it may wait for its turn to ask
     * @throws IllegalArgumentException if the source throws it
     */
    Login(Supplier<EtcdCredentials> source, Duration timeout) {
        this.source = source;
        this.timeout = timeout;
        try {
            this.last = ask();
        } catch (IllegalArgumentException wrong) {
            throw wrong;
        } catch (RuntimeException failure) {
            log.debug(UNTOLD + " yet", new CredentialsFailure(failure));
        }
    }

    /** Who logged in last; null if nobody has. */
    @Nullable
    String username() {
        Answer answer = last;
        return answer == null ? null : answer.credentials().username();
    }

    /** jetcd logs in only if it was given somebody; who, is asked for each login. */
    ClientBuilder addTo(ClientBuilder builder) {
        Answer answer = last;
        EtcdCredentials first = answer == null ? SOMEBODY : answer.credentials();
        return builder.user(ByteSequence.from(first.username(), StandardCharsets.UTF_8))
                .password(ByteSequence.from(first.password(), StandardCharsets.UTF_8))
                .authInterceptors(this);
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return method.getFullMethodName().equals(AUTHENTICATE)
                ? new Asking<>(
                        () -> next.newCall(method, options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)))
                : next.newCall(method, options);
    }

    private Answer ask() {
        long begunAt = System.nanoTime();
        EtcdCredentials told = Objects.requireNonNull(source.get(), "there are none");
        return new Answer(told, begunAt);
    }

    /** No older than the wish for it. */
    private EtcdCredentials credentials(long wishedAt) {
        Answer answer = last;
        if (answer == null || answer.begunAt() - wishedAt < 0) {
            answer = ask();
            last = answer;
        }
        return answer.credentials();
    }

    private static Executor thread() {
        return new ThreadPoolExecutor(0, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), task -> {
            Thread made = new Thread(task, "holdfast-login");
            made.setDaemon(true);
            return made;
        });
    }

    private record Answer(EtcdCredentials credentials, long begunAt) {}

    /** A login that begins when it is known who logs in; what jetcd wants to send is replaced. */
    private final class Asking<Q, A> extends ClientCall<Q, A> {

        private final Supplier<ClientCall<Q, A>> maker;
        private final long wishedAt = System.nanoTime();
        private @Nullable Listener<A> listener;
        private Metadata headers = new Metadata();
        private @Nullable ClientCall<Q, A> call;
        private boolean cancelled;

        Asking(Supplier<ClientCall<Q, A>> maker) {
            this.maker = maker;
        }

        @Override
        public synchronized void start(Listener<A> listener, Metadata headers) {
            this.listener = listener;
            this.headers = headers;
        }

        /** One answer comes at most, and is asked for when the login is sent. */
        @Override
        public void request(int messages) {}

        @Override
        public void sendMessage(Q message) {}

        @Override
        public void halfClose() {
            try {
                thread.execute(this::send);
            } catch (RejectedExecutionException tooMany) {
                end(Status.UNAVAILABLE.withDescription("User and password for etcd are not told, and " + MOST_WAITING
                        + " logins wait for them already"));
            }
        }

        @Override
        public synchronized void cancel(@Nullable String message, @Nullable Throwable cause) {
            cancelled = true;
            if (call != null) {
                call.cancel(message, cause);
            } else {
                end(Status.CANCELLED.withDescription(message).withCause(cause));
            }
        }

        private void send() {
            if (System.nanoTime() - wishedAt > timeout.toNanos()) {
                end(Status.DEADLINE_EXCEEDED.withDescription(
                        "User and password for etcd were not told to the logins before this one within " + timeout));
                return;
            }
            EtcdCredentials who;
            try {
                who = credentials(wishedAt);
            } catch (RuntimeException | Error failure) {
                end(Status.UNAVAILABLE.withDescription(UNTOLD).withCause(new CredentialsFailure(failure)));
                return;
            }
            send(AuthenticateRequest.newBuilder()
                    .setNameBytes(ByteString.copyFromUtf8(who.username()))
                    .setPasswordBytes(ByteString.copyFromUtf8(who.password()))
                    .build());
        }

        @SuppressWarnings("unchecked") // of the method Authenticate, as was looked at before
        private synchronized void send(AuthenticateRequest request) {
            Listener<A> told = listener;
            if (cancelled || told == null) {
                return;
            }
            try {
                call = maker.get();
                call.start(told, headers);
                call.request(2);
                call.sendMessage((Q) request);
                call.halfClose();
            } catch (RuntimeException failure) {
                end(Status.UNAVAILABLE
                        .withDescription("etcd login could not be sent")
                        .withCause(failure));
            }
        }

        private synchronized void end(Status status) {
            Listener<A> told = listener;
            listener = null;
            if (told != null) {
                told.onClose(status, new Metadata());
            }
        }
    }
}
