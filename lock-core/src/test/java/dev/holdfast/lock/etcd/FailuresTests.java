package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import io.grpc.Status;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailuresTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOT_FOUND          | etcdserver: requested lease not found          | LEASE_NOT_FOUND",
                "NOT_FOUND          | etcdserver: member not found                   | UNAVAILABLE",
                "UNAUTHENTICATED    | etcdserver: invalid auth token                 | UNAUTHENTICATED",
                "INVALID_ARGUMENT   | etcdserver: revision of auth store is old      | UNAUTHENTICATED",
                "INVALID_ARGUMENT   | etcdserver: user name is empty                 | UNAUTHENTICATED",
                "PERMISSION_DENIED  | etcdserver: permission denied                  | PERMISSION_DENIED",
                "INVALID_ARGUMENT   | etcdserver: request is too large               | INVALID",
                "INVALID_ARGUMENT   | etcdserver: too many operations in txn request | INVALID",
                "INVALID_ARGUMENT   | etcdserver: duplicate key given in txn request | INVALID",
                "RESOURCE_EXHAUSTED | etcdserver: mvcc: database space exceeded      | EXHAUSTED",
                "RESOURCE_EXHAUSTED | etcdserver: too many requests                  | EXHAUSTED",
                "RESOURCE_EXHAUSTED | grpc: received message larger than max (3 vs. 2) | INVALID",
                "RESOURCE_EXHAUSTED | gRPC message exceeds maximum size 33554432: 99 | UNAVAILABLE",
                "RESOURCE_EXHAUSTED | Bandwidth exhausted                            | UNAVAILABLE",
                "DEADLINE_EXCEEDED  | CallOptions deadline exceeded after 1.9s       | TIMEOUT",
                "UNAVAILABLE        | etcdserver: request timed out                  | UNAVAILABLE",
                "UNAVAILABLE        | io exception                                   | UNAVAILABLE",
                "FAILED_PRECONDITION | etcdserver: rpc not supported for learner     | UNAVAILABLE",
                "CANCELLED          | RST_STREAM closed stream                       | UNAVAILABLE",
                "INTERNAL           | RST_STREAM closed stream                       | UNAVAILABLE",
            })
    void theCodeDecidesFirstAndTheTextSecond(Status.Code code, String text, Kind kind) {
        assertThat(Failures.kind(code.toStatus().withDescription(text))).isEqualTo(kind);
    }

    @ParameterizedTest
    @EnumSource(value = Status.Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
    void everyCodeWithoutTextIsMappedToo(Status.Code code) {
        StoreException failure = Failures.of(code.toStatus(), "etcd Txn failed");

        assertThat(failure.kind()).isNotNull();
        assertThat(failure).hasMessage("etcd Txn failed: " + code);
        assertThat(Failures.answered(code.toStatus())).isIn(true, false);
    }

    @Test
    void aFailedLoginIsWhatItsCauseSays() {
        assertThat(Failures.kind(login(Status.INVALID_ARGUMENT))).isEqualTo(Kind.UNAUTHENTICATED);
        assertThat(Failures.kind(login(Status.FAILED_PRECONDITION))).isEqualTo(Kind.UNAUTHENTICATED);
        assertThat(Failures.kind(login(Status.UNAVAILABLE))).isEqualTo(Kind.UNAVAILABLE);
        assertThat(Failures.kind(login(Status.DEADLINE_EXCEEDED))).isEqualTo(Kind.TIMEOUT);
        assertThat(Failures.answered(login(Status.INVALID_ARGUMENT))).isTrue();
        assertThat(Failures.answered(login(Status.UNAVAILABLE))).isFalse();
    }

    @Test
    void anErrorOfTheServerIsAnAnswer() {
        assertThat(Failures.answered(Status.UNAVAILABLE.withDescription("etcdserver: no leader")))
                .isTrue();
        assertThat(Failures.answered(Status.PERMISSION_DENIED)).isTrue();
        assertThat(Failures.answered(Status.UNAVAILABLE.withDescription("io exception")))
                .isFalse();
        assertThat(Failures.answered(Status.DEADLINE_EXCEEDED)).isFalse();
    }

    @Test
    void theReasonNamesEveryCause() {
        Status status = Status.UNAVAILABLE
                .withDescription("io exception")
                .withCause(new RuntimeException(
                        "Connection refused: /127.0.0.1:1", new ConnectException("Connection refused")));

        assertThat(Failures.reason(status))
                .isEqualTo("UNAVAILABLE: io exception: RuntimeException: Connection refused: /127.0.0.1:1"
                        + ": ConnectException: Connection refused");
    }

    @Test
    void aCancelledWatchTellsByTextOnly() {
        assertThat(Failures.ofCancelledWatch("rpc error: etcdserver: permission denied")
                        .kind())
                .isEqualTo(Kind.PERMISSION_DENIED);
        assertThat(Failures.ofCancelledWatch("etcdserver: invalid auth token").kind())
                .isEqualTo(Kind.UNAUTHENTICATED);
        assertThat(Failures.ofCancelledWatch("").kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    private static Status login(Status cause) {
        return Status.UNAUTHENTICATED.withCause(cause.asRuntimeException());
    }
}
