package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.store.StoreException.Kind;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.util.Throwables;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoginTests {

    private static final EtcdCredentials FIRST = new EtcdCredentials("app", "first");
    private static final EtcdCredentials SECOND = new EtcdCredentials("app", "second");

    /** What the source of credentials does next; the first is asked for when the login is made. */
    private final Queue<Supplier<EtcdCredentials>> answers = new ConcurrentLinkedQueue<>(List.of(() -> FIRST));

    private final Sent sent = new Sent();

    @Test
    void aLoginHasADeadlineFromWhenItIsSent() {
        answers.add(() -> SECOND);
        logIn(login(Duration.ofSeconds(20)));
        await().until(() -> sent.passwords.contains("second"));
        assertThat(sent.deadlines)
                .singleElement()
                .satisfies(deadline ->
                        assertThat(deadline.timeRemaining(TimeUnit.SECONDS)).isBetween(0L, 20L));
    }

    @Test
    void aLoginThatWaitedTooLongBehindASourceThatHungIsNotSent() throws Exception {
        Duration timeout = Duration.ofSeconds(3);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        answers.add(() -> {
            asked.countDown();
            await().until(() -> told.getCount() == 0);
            return SECOND;
        });
        Login login = login(timeout);
        logIn(login);
        asked.await();
        List<CompletableFuture<Status>> waiting = List.of(logIn(login), logIn(login), logIn(login));
        long since = System.nanoTime();
        await().until(() -> System.nanoTime() - since > timeout.toNanos());
        told.countDown();
        assertThat(waiting)
                .allSatisfy(each -> assertThat(Failures.kind(each.get())).isEqualTo(Kind.TIMEOUT));
        assertThat(sent.passwords).containsExactly("second");
        assertThat(answers).isEmpty();
    }

    @Test
    void theTextOfASourceThatFailsIsNotPassedOn() throws Exception {
        answers.add(() -> {
            throw new IllegalStateException("no such user s3cret", new IllegalArgumentException("s3cret too"));
        });
        Status status = logIn(login(Duration.ofSeconds(20))).get();
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Failures.reason(status))
                .contains("java.lang.IllegalStateException", "log it in the source")
                .doesNotContain("s3cret");
        assertThat(Throwables.getStackTrace(status.asRuntimeException()))
                .contains("LoginTests.java")
                .doesNotContain("s3cret");
    }

    private Login login(Duration timeout) {
        return new Login(() -> answers.remove().get(), timeout);
    }

    /** As jetcd does; tells how the call ended, if it did. */
    private CompletableFuture<Status> logIn(Login login) {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        ClientCall<AuthenticateRequest, AuthenticateResponse> call =
                login.interceptCall(AuthGrpc.getAuthenticateMethod(), CallOptions.DEFAULT, sent);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        call.sendMessage(AuthenticateRequest.getDefaultInstance());
        call.halfClose();
        return ended;
    }

    /** Takes logins and answers none. */
    private static final class Sent extends Channel {

        private final Queue<String> passwords = new ConcurrentLinkedQueue<>();
        private final Queue<Deadline> deadlines = new ConcurrentLinkedQueue<>();

        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            Deadline deadline = options.getDeadline();
            if (deadline != null) {
                deadlines.add(deadline);
            }
            return new ClientCall<>() {
                @Override
                public void start(Listener<A> listener, Metadata headers) {}

                @Override
                public void request(int messages) {}

                @Override
                public void cancel(@Nullable String message, @Nullable Throwable cause) {}

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {
                    passwords.add(((AuthenticateRequest) message).getPassword());
                }
            };
        }

        @Override
        public String authority() {
            return "etcd";
        }
    }
}
