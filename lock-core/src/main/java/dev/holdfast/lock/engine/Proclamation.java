package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Puts another value into the entry of a leader. The put is guarded by the revision of the last one, so that a copy that arrives late
 * changes nothing that was said after it, and never an entry of another term.
 */
final class Proclamation {

    /**
     * What a leader says of itself.
     *
     * @param revision of the put that said so
     */
    record Said(String value, long revision) {

        Said orLater(Said other) {
            return other.revision > revision ? other : this;
        }
    }

    private final EngineContext context;
    private final Hold hold;
    private final String value;
    private final long deadline;
    private final Mailbox mailbox = new Mailbox();
    private final CompletableFuture<Optional<Said>> answer = new CompletableFuture<>();

    Proclamation(EngineContext context, Hold hold, String value) {
        this.context = context;
        this.hold = hold;
        this.value = value;
        this.deadline =
                context.time().nanoTime() + context.options().requestTimeout().toNanos();
    }

    /**
     * Empty if the entry is not there any more, and then the hold knows that; otherwise what was put, or a {@link StoreException}. Never
     * given out.
     */
    CompletableFuture<Optional<Said>> start(Said last) {
        put(last.revision());
        return answer;
    }

    private void put(long lastRevision) {
        context.txnForCaller(
                Candidates.proclaim(hold.key(), hold.leaseId(), lastRevision, value),
                true,
                deadline,
                mailbox,
                this::answered);
    }

    private void answered(@Nullable TxnResult result, @Nullable StoreException failure) {
        if (result != null && result.succeeded()) {
            answer.complete(Optional.of(new Said(value, result.revision())));
        } else if (result != null) {
            refused(result);
        } else if (failure != null && failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            hold.leaseGone();
            answer.complete(Optional.empty());
        } else if (failure != null) {
            answer.completeExceptionally(failure);
        }
    }

    private void refused(TxnResult result) {
        KeyValue found =
                result.keys(0).keys().isEmpty() ? null : result.keys(0).keys().get(0);
        if (found == null || found.createRevision() != hold.fencingToken()) {
            hold.keyGone("somebody deleted its key");
            answer.complete(Optional.empty());
        } else if (found.leaseId() != hold.leaseId()) {
            hold.keyGone("somebody wrote over its key");
            answer.complete(Optional.empty());
        } else if (context.passed(deadline)) {
            answer.completeExceptionally(new StoreException(
                    StoreException.Kind.TIMEOUT, "the value was changed by others again and again", null));
        } else {
            // One of ours whose answer was lost, or that another thread put meanwhile.
            put(found.modRevision());
        }
    }
}
