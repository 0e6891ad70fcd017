package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks once who leads; a second read is needed only where keys that do not compete are older than the leader's. */
final class LeaderQuestion {

    private final EngineContext context;
    private final Candidates candidates;
    private final long deadline;
    private final Mailbox mailbox = new Mailbox();
    private final CompletableFuture<Optional<Leader>> answer = new CompletableFuture<>();

    LeaderQuestion(EngineContext context, Candidates candidates) {
        this.context = context;
        this.candidates = candidates;
        this.deadline =
                context.time().nanoTime() + context.options().requestTimeout().toNanos();
    }

    /** Completes on the callback executor. */
    CompletableFuture<Optional<Leader>> ask() {
        read(false);
        return answer;
    }

    private void read(boolean all) {
        context.txnForCaller(candidates.read(all), false, deadline, mailbox, this::answered);
    }

    private void answered(@Nullable TxnResult result, @Nullable StoreException failure) {
        if (result != null) {
            KeyValue leading = candidates.leading(result.keys(0));
            if (leading == null && result.keys(0).more()) {
                read(true);
            } else {
                context.callbacks().run(() -> answer.complete(Candidates.leader(leading)));
            }
        } else if (failure != null) {
            context.callbacks().run(() -> answer.completeExceptionally(unavailable(failure)));
        }
    }

    private LockUnavailableException unavailable(StoreException failure) {
        return new LockUnavailableException(
                candidates.name(),
                "Who leads in election '" + candidates.name() + "' is not known: " + failure.getMessage()
                        + ". Check that etcd is up and reachable, then try again",
                failure);
    }
}
