package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** An election by name: an exclusive lock whose entries say what their candidates want to say. Has no state of its own. */
final class EngineElection implements LeaderElection {

    private final LockEngine engine;
    private final EngineContext context;
    private final Candidates candidates;
    private final LockOptions options;

    EngineElection(LockEngine engine, EngineContext context, String name, LockOptions options) {
        if (!options.renew()) {
            throw new IllegalArgumentException("renew is false for election '" + name
                    + "'; leave it true, since a leader stays until it resigns, and limit terms with maxHold");
        }
        this.engine = engine;
        this.context = context;
        this.candidates = new Candidates(context.keys(), name);
        this.options = options;
    }

    @Override
    public String name() {
        return candidates.name();
    }

    @Override
    public Leadership campaign(String value) throws InterruptedException {
        return term(value, candidate(value).acquire());
    }

    @Override
    public Optional<Leadership> campaign(String value, Duration wait) throws InterruptedException {
        return candidate(value).tryAcquire(wait).map(handle -> term(value, handle));
    }

    @Override
    public Candidacy stand(String value, LeadershipListener listener) {
        StandingCandidacy candidacy = new StandingCandidacy(
                engine, context, candidates, candidate(value), value, Objects.requireNonNull(listener));
        candidacy.start();
        return candidacy;
    }

    @Override
    public CompletableFuture<Optional<Leader>> leader() {
        engine.ensureOpen(name());
        return new LeaderQuestion(context, candidates).ask();
    }

    @Override
    public Observation observe(Consumer<Optional<Leader>> observer) {
        engine.ensureOpen(name());
        Duration pollEvery = new SessionTiming(options.ttl()).pollEvery();
        LeaderObservation observation =
                new LeaderObservation(engine, context, candidates, pollEvery, Objects.requireNonNull(observer));
        observation.start();
        return observation;
    }

    private EngineLock candidate(String value) {
        return new EngineLock(
                engine, context, LockTarget.of(name(), Kind.EXCLUSIVE), options, candidates.checked(value));
    }

    private Term term(String value, LockHandle handle) {
        return new Term(context, candidates, (Hold) handle, value, null);
    }

    @Override
    public String toString() {
        return "LeaderElection[" + name() + "]";
    }
}
