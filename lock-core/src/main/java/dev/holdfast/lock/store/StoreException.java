package dev.holdfast.lock.store;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A request to the store failed; {@link #kind()} says how, and with it whether the request may have been executed. */
public final class StoreException extends RuntimeException {

    /** What went wrong, as far as the engine treats it differently. */
    public enum Kind {
        /** The lease has ended. Nothing was executed. */
        LEASE_NOT_FOUND(true),
        /** Credentials are missing, wrong or expired. Nothing was executed. */
        UNAUTHENTICATED(true),
        /** The user may not do this. Nothing was executed. */
        PERMISSION_DENIED(true),
        /** The request can never succeed: too large, malformed. Nothing was executed. */
        INVALID(true),
        /**
         * The store refuses writes for now: no space, too many requests. Nothing was executed, but for those requests with which etcd's
         * database crosses its quota: it executes them and answers as it does from then on. What one of them put, the audit removes.
         */
        EXHAUSTED(true),
        /** No usable answer, for whatever cause: the request may have been executed, or may be later. */
        UNAVAILABLE(false),
        /** No answer within the timeout: the request may have been executed, or may be later. */
        TIMEOUT(false),
        /** The store is closed: requests already sent may have been executed. */
        CLOSED(false);

        private final boolean definite;

        Kind(boolean definite) {
            this.definite = definite;
        }

        /** Whether the request was certainly not executed and never will be. */
        public boolean definite() {
            return definite;
        }
    }

    private final Kind kind;

    public StoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** The failure of a store's future: itself, unwrapped, or anything unforeseen as {@link Kind#UNAVAILABLE}. */
    public static StoreException of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StoreException known
                ? known
                : new StoreException(Kind.UNAVAILABLE, "Unexpected failure: " + cause, cause);
    }
}
