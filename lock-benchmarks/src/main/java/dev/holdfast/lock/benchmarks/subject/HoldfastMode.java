package dev.holdfast.lock.benchmarks.subject;

import dev.holdfast.lock.etcd.EtcdLockRegistry;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How the locks measured here are built. The only place that knows the options; a mode whose option is null is left out of the plan. */
enum HoldfastMode {
    SYNC(builder -> builder),
    ASYNC(null),
    NO_HAND_OVER(null),
    NO_BATCHING(null);

    private final @Nullable UnaryOperator<EtcdLockRegistry.Builder> option;

    HoldfastMode(@Nullable UnaryOperator<EtcdLockRegistry.Builder> option) {
        this.option = option;
    }

    static HoldfastMode of(SubjectKind kind) {
        return switch (kind) {
            case HOLDFAST_ASYNC -> ASYNC;
            case HOLDFAST_NO_HAND_OVER -> NO_HAND_OVER;
            case HOLDFAST_NO_BATCHING -> NO_BATCHING;
            default -> SYNC;
        };
    }

    boolean exists() {
        return option != null;
    }

    EtcdLockRegistry.Builder apply(EtcdLockRegistry.Builder builder) {
        if (option == null) {
            throw new IllegalStateException("This version of Holdfast has no option for " + this);
        }
        return option.apply(builder);
    }
}
