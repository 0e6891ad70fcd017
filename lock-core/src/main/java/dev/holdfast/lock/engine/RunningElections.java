package dev.holdfast.lock.engine;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What elections keep going in an engine: candidacies and observations, in the order of their coming. Thread-safe. */
final class RunningElections {

    private final Queue<StandingCandidacy> candidacies = new ConcurrentLinkedQueue<>();
    private final Queue<LeaderObservation> observations = new ConcurrentLinkedQueue<>();

    void add(StandingCandidacy candidacy) {
        candidacies.add(candidacy);
    }

    void remove(StandingCandidacy candidacy) {
        candidacies.remove(candidacy);
    }

    void add(LeaderObservation observation) {
        observations.add(observation);
    }

    void remove(LeaderObservation observation) {
        observations.remove(observation);
    }

    int candidacies() {
        return candidacies.size();
    }

    int observations() {
        return observations.size();
    }

    /**
     * Ends all of them; completes when every listener was told, except one that is running on the calling thread. Keys are left to the
     * end of the sessions.
     */
    CompletableFuture<Void> close() {
        observations.forEach(LeaderObservation::close);
        CompletableFuture<?>[] told = candidacies.stream()
                .map(candidacy -> {
                    CompletableFuture<Void> silent = candidacy.leave(true);
                    return candidacy.runningHere() ? CompletableFuture.<Void>completedFuture(null) : silent;
                })
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(told);
    }
}
