package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * What a gRPC status means for the locks. The status code decides first, etcd's text second; a failure counts as certainly not
 * executed only where etcd says so itself.
 */
final class Failures {

    private Failures() {}

    static StoreException of(Status status, String what) {
        return new StoreException(kind(status), what + ": " + reason(status), status.asRuntimeException());
    }

    /** The failure of a watch that etcd refused or ended, which it tells as a text only. */
    static StoreException ofCancelledWatch(String reason) {
        Kind kind = Kind.UNAVAILABLE;
        if (reason.contains("permission denied")) {
            kind = Kind.PERMISSION_DENIED;
        } else if (isTokenText(reason)) {
            kind = Kind.UNAUTHENTICATED;
        }
        return new StoreException(kind, "etcd ended the watch" + (reason.isEmpty() ? "" : ": " + reason), null);
    }

    /** Whether a server answered at all, be it with an error: the connection is good then. */
    static boolean answered(Status status) {
        Status root = authenticateFailure(status);
        return switch (root.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, UNKNOWN ->
                text(root).startsWith("etcdserver:");
            default -> true;
        };
    }

    static Kind kind(Status status) {
        Status root = authenticateFailure(status);
        boolean authenticating = root != status;
        String text = text(root);
        return switch (root.getCode()) {
            case UNAUTHENTICATED -> Kind.UNAUTHENTICATED;
            case PERMISSION_DENIED -> Kind.PERMISSION_DENIED;
            case NOT_FOUND -> text.contains("lease not found") ? Kind.LEASE_NOT_FOUND : Kind.UNAVAILABLE;
            case INVALID_ARGUMENT -> authenticating || isTokenText(text) ? Kind.UNAUTHENTICATED : Kind.INVALID;
            case FAILED_PRECONDITION -> authenticating ? Kind.UNAUTHENTICATED : Kind.UNAVAILABLE;
            case RESOURCE_EXHAUSTED -> exhausted(text);
            case DEADLINE_EXCEEDED -> Kind.TIMEOUT;
            default -> Kind.UNAVAILABLE;
        };
    }

    /** gRPC uses this code on both sides: a server that refused a message, and a client that could not take in an answer. */
    private static Kind exhausted(String text) {
        if (text.startsWith("etcdserver:")) {
            return Kind.EXHAUSTED;
        }
        return text.contains("received message larger than max") ? Kind.INVALID : Kind.UNAVAILABLE;
    }

    private static boolean isTokenText(String text) {
        return text.contains("invalid auth token")
                || text.contains("auth store is old")
                || text.contains("user name is empty")
                || text.contains("authentication failed");
    }

    /** jetcd reports any failure to log in as UNAUTHENTICATED without text; the cause says whether etcd was reached at all. */
    private static Status authenticateFailure(Status status) {
        if (status.getCode() == Status.Code.UNAUTHENTICATED) {
            Throwable cause = status.getCause();
            if (cause instanceof StatusRuntimeException inner) {
                return inner.getStatus();
            }
            if (cause instanceof StatusException inner) {
                return inner.getStatus();
            }
        }
        return status;
    }

    private static String text(Status status) {
        String description = status.getDescription();
        return description == null ? "" : description;
    }

    /** Code, description and every cause, since "io exception" alone helps nobody. */
    static String reason(Status status) {
        StringBuilder reason = new StringBuilder(status.getCode().name());
        append(reason, status.getDescription());
        Throwable cause = status.getCause();
        for (int depth = 0; cause != null && depth < 6; depth++) {
            append(reason, cause.getMessage() == null ? cause.getClass().getSimpleName() : describe(cause));
            cause = cause.getCause();
        }
        return reason.toString();
    }

    private static String describe(Throwable cause) {
        return cause instanceof StatusRuntimeException || cause instanceof StatusException
                ? String.valueOf(cause.getMessage())
                : cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private static void append(StringBuilder reason, @Nullable String part) {
        if (part != null) {
            // gRPC adds a line with the names of its handlers.
            String line = part.lines().findFirst().orElse("").strip();
            if (!line.isEmpty() && reason.indexOf(line) < 0) {
                reason.append(": ").append(line);
            }
        }
    }
}
