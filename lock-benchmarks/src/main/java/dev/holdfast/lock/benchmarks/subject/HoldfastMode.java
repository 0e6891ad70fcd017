package dev.holdfast.lock.benchmarks.subject;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import java.util.function.UnaryOperator;

/** How the locks measured here are built. The only place that knows the options. */
enum HoldfastMode {
    SYNC(builder -> builder),
    ASYNC(builder -> builder.release(ReleaseMode.ASYNC)),
    NO_HAND_OVER(builder -> builder.handOver(HandOver.disabled())),
    NO_BATCHING(builder -> builder.batching(false));

    private final UnaryOperator<EtcdLockRegistry.Builder> option;

    HoldfastMode(UnaryOperator<EtcdLockRegistry.Builder> option) {
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

    EtcdLockRegistry.Builder apply(EtcdLockRegistry.Builder builder) {
        return option.apply(builder);
    }
}
