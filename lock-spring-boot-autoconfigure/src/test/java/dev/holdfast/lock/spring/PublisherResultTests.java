package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import io.reactivex.rxjava3.core.Completable;
import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Maybe;
import io.reactivex.rxjava3.core.Single;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.context.annotation.Lazy;
import org.springframework.test.util.AopTestUtils;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Methods whose result is subscribed to: Reactor's, and others through Spring's adapters. */
class PublisherResultTests {

    @AfterEach
    void nothingIsLeftOnTheThread() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(LockContext.find()).isEmpty();
    }

    @Test
    void nothingIsLockedOrCalledBeforeSomebodySubscribes() {
        run((jobs, registry, target) -> {
            Mono<String> mono = jobs.one();
            assertThat(registry.log).isEmpty();
            assertThat(target.calls).hasValue(0);
            mono.subscribe();
            assertThat(target.calls).hasValue(1);
            assertThat(registry.isHeld("job")).isTrue();
        });
    }

    @Test
    void theLockIsHeldUntilTheMonoIsComplete() {
        run((jobs, registry, target) -> {
            List<String> values = new ArrayList<>();
            jobs.one()
                    .doOnNext(value -> values.add(value + " held " + registry.isHeld("job")))
                    .subscribe();
            assertThat(registry.isHeld("job")).isTrue();
            target.one.tryEmitValue("done");
            assertThat(values).containsExactly("done held false");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void anEmptyMonoReleasesAndIsEmpty() {
        run((jobs, registry, target) -> {
            target.one.tryEmitEmpty();
            assertThat(jobs.one().blockOptional()).isEmpty();
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void eachSubscriptionHasAHoldOfItsOwn() {
        run((jobs, registry, target) -> {
            target.one.tryEmitValue("done");
            Mono<String> mono = jobs.one();
            assertThat(mono.block()).isEqualTo("done");
            assertThat(mono.block()).isEqualTo("done");
            assertThat(target.calls).hasValue(2);
            assertThat(registry.log).containsExactly("acquire job", "release job", "acquire job", "release job");
        });
    }

    @Test
    void theLockIsHeldUntilTheLastElementOfAFlux() {
        run((jobs, registry, target) -> {
            List<String> values = new ArrayList<>();
            AtomicInteger completed = new AtomicInteger();
            jobs.many().subscribe(values::add, failure -> {}, () -> {
                assertThat(registry.isHeld("job")).isFalse();
                completed.incrementAndGet();
            });
            target.many.tryEmitNext("a");
            target.many.tryEmitNext("b");
            assertThat(values).containsExactly("a", "b");
            assertThat(registry.isHeld("job")).isTrue();
            target.many.tryEmitComplete();
            assertThat(completed).hasValue(1);
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void anErrorReleasesAndIsTheSame() {
        run((jobs, registry, target) -> {
            IllegalStateException own = new IllegalStateException("own");
            target.one.tryEmitError(own);
            target.many.tryEmitError(own);
            assertThatThrownBy(jobs.one()::block).isSameAs(own);
            assertThatThrownBy(jobs.many()::blockLast).isSameAs(own);
            assertThat(registry.log).containsExactly("acquire job", "release job", "acquire job", "release job");
        });
    }

    @Test
    void anExceptionOfTheMethodIsAnErrorOfTheStream() {
        run((jobs, registry, target) -> {
            assertThatThrownBy(jobs.throwing()::block).isInstanceOf(UnsupportedOperationException.class);
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aKeyWithoutValueIsAnErrorOfTheStream() {
        run((jobs, registry, target) -> {
            Mono<String> mono = jobs.keyed("");
            assertThatThrownBy(mono::block).isInstanceOf(IllegalArgumentException.class);
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void cancelledWhileItRunsTheLockIsReleasedOnce() {
        run((jobs, registry, target) -> {
            Disposable one = jobs.one().subscribe();
            one.dispose();
            assertThat(registry.log).containsExactly("acquire job", "release job");
            Disposable many = jobs.many().subscribe();
            target.many.tryEmitNext("a");
            many.dispose();
            assertThat(target.many.currentSubscriberCount()).isZero();
            assertThat(registry.log).containsExactly("acquire job", "release job", "acquire job", "release job");
        });
    }

    @Test
    void aFluxOfWhichOnlyAPartIsTakenIsReleased() {
        run((jobs, registry, target) -> {
            assertThat(jobs.counting().take(3).collectList().block()).containsExactly(1, 2, 3);
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void cancelledWhileItWaitsTheRequestIsWithdrawn() {
        run((jobs, registry, target) -> {
            LockHandle other = registry.lock("job").acquire();
            Disposable one = jobs.one().subscribe();
            Disposable many = jobs.many().subscribe();
            one.dispose();
            many.dispose();
            other.release();
            assertThat(target.calls).hasValue(0);
            assertThat(registry.log)
                    .containsExactly(
                            "acquire job", "wait job", "wait job", "withdraw job", "withdraw job", "release job");
        });
    }

    @Test
    void aSubscriptionCancelledInTheMomentOfTheGrantLeavesNothingBehind() {
        run((jobs, registry, target) -> {
            for (int round = 0; round < 300; round++) {
                LockHandle other = registry.lock("job").acquire();
                Disposable waiting =
                        round % 2 == 0 ? jobs.one().subscribe() : jobs.many().subscribe();
                Thread granting = new Thread(other::release);
                granting.start();
                if (round % 3 == 0) {
                    Thread.yield();
                }
                waiting.dispose();
                granting.join();
                assertThat(registry.isHeld("job")).isFalse();
            }
        });
    }

    @Test
    void whoSubscribesOnAThreadThatMustNotBlockWaitsWithoutBlocking() {
        run((jobs, registry, target) -> {
            LockHandle other = registry.lock("job").acquire();
            List<String> threads = new CopyOnWriteArrayList<>();
            Mono<String> waiting = jobs.one().subscribeOn(Schedulers.parallel());
            Disposable subscribed = waiting.subscribe(threads::add);
            org.awaitility.Awaitility.await().until(() -> registry.log.contains("wait job"));
            // The thread is free: other work runs on each of them.
            Flux.range(0, Schedulers.DEFAULT_POOL_SIZE * 2)
                    .flatMap(n -> Mono.fromCallable(() -> n).subscribeOn(Schedulers.parallel()))
                    .blockLast(Duration.ofSeconds(10));
            target.one.tryEmitValue("done");
            other.release();
            org.awaitility.Awaitility.await().until(subscribed::isDisposed);
            assertThat(threads).containsExactly("done");
        });
    }

    @Test
    void noMoreIsAskedOfTheMethodThanTheSubscriberWants() {
        run((jobs, registry, target) -> {
            List<Integer> values = new ArrayList<>();
            BaseSubscriber<Integer> slow = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    subscription.request(2);
                }

                @Override
                protected void hookOnNext(Integer value) {
                    values.add(value);
                }
            };
            jobs.counting().subscribe(slow);
            assertThat(values).containsExactly(1, 2);
            assertThat(target.requested).containsExactly(2L);
            slow.request(1);
            assertThat(values).containsExactly(1, 2, 3);
            assertThat(target.requested).containsExactly(2L, 1L);
            slow.cancel();
            assertThat(registry.isHeld("job")).isFalse();
        });
    }

    @Test
    void theContextOfTheSubscriberReachesTheMethod() {
        run((jobs, registry, target) -> assertThat(jobs.contextual()
                        .contextWrite(context -> context.put("user", "ann"))
                        .block())
                .isEqualTo("ann"));
    }

    @Test
    void theHoldIsFoundInTheContextOnAnyThread() {
        run((jobs, registry, target) -> {
            assertThat(jobs.names().collectList().block()).containsExactly("job", "job");
            assertThatThrownBy(ReactiveLockContext.current()::block)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("No @DistributedLock method");
            assertThat(Mono.deferContextual(context -> Mono.just(ReactiveLockContext.find(context)))
                            .block())
                    .isEmpty();
        });
    }

    @Test
    void theHoldOfAMethodIsNotInTheContextOfItsSubscriber() {
        run((jobs, registry, target) -> assertThat(jobs.names()
                        .flatMap(name -> Mono.deferContextual(context ->
                                Mono.just(ReactiveLockContext.find(context).isPresent())))
                        .blockFirst())
                .isFalse());
    }

    @Test
    void aNestedSubscriptionEntersAgain() {
        run((jobs, registry, target) -> {
            target.one.tryEmitValue("inner");
            assertThat(jobs.nested().block()).isEqualTo("inner in job");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aSubscriptionThatOutlivesTheOuterOneKeepsTheLock() {
        run((jobs, registry, target) -> {
            assertThat(jobs.leavesBehind().block()).isEqualTo("outer");
            assertThat(registry.isHeld("job")).isTrue();
            target.one.tryEmitValue("inner");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void anOrdinaryMethodThatBlocksOnALockedMonoEntersAgain() {
        run((jobs, registry, target) -> {
            target.one.tryEmitValue("inner");
            assertThat(jobs.blocksOnOne()).isEqualTo("inner");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aContextKeptBeyondItsHoldIsNoHold() {
        run((jobs, registry, target) -> {
            target.one.tryEmitValue("done");
            Mono<String> late = jobs.capturing().block();
            assertThat(registry.isHeld("job")).isFalse();
            assertThat(java.util.Objects.requireNonNull(late).block()).isEqualTo("done");
            assertThat(registry.log).containsExactly("acquire job", "release job", "acquire job", "release job");
        });
    }

    @Test
    void aLossCancelsTheSourceAndFailsTheStream() {
        run((jobs, registry, target) -> {
            List<Throwable> failures = new ArrayList<>();
            List<String> values = new ArrayList<>();
            jobs.many().subscribe(values::add, failures::add);
            target.many.tryEmitNext("a");
            registry.lose("job");
            assertThat(target.many.currentSubscriberCount()).isZero();
            assertThat(values).containsExactly("a");
            assertThat(failures).hasSize(1).allMatch(LockLostException.class::isInstance);
            jobs.one().subscribe(value -> {}, failures::add);
            registry.lose("job");
            assertThat(target.one.currentSubscriberCount()).isZero();
            assertThat(failures).hasSize(2).allMatch(LockLostException.class::isInstance);
            assertThat(registry.log).containsExactly("acquire job", "lose job", "acquire job", "lose job");
        });
    }

    @Test
    void withThrowTheStreamMayFinishBeforeTheLossIsTold() {
        run((jobs, registry, target) -> {
            List<Throwable> failures = new ArrayList<>();
            List<String> values = new ArrayList<>();
            jobs.throwsAtTheEnd().subscribe(values::add, failures::add);
            registry.lose("job");
            target.many.tryEmitNext("a");
            assertThat(failures).isEmpty();
            target.many.tryEmitComplete();
            assertThat(values).containsExactly("a");
            assertThat(failures).hasSize(1).allMatch(LockLostException.class::isInstance);
        });
    }

    @Test
    void withNotifyALossChangesNothing() {
        run((jobs, registry, target) -> {
            List<String> values = new ArrayList<>();
            jobs.notified().subscribe(values::add);
            registry.lose("job");
            target.one.tryEmitValue("done");
            assertThat(values).containsExactly("done");
        });
    }

    @Test
    void theStreamsOwnErrorWinsOverTheLoss() {
        run((jobs, registry, target) -> {
            List<Throwable> failures = new ArrayList<>();
            jobs.throwsAtTheEnd().subscribe(value -> {}, failures::add);
            registry.lose("job");
            IllegalStateException own = new IllegalStateException("own");
            target.many.tryEmitError(own);
            assertThat(failures).containsExactly(own);
            assertThat(own.getSuppressed()).hasSize(1).allMatch(LockLostException.class::isInstance);
        });
    }

    @Test
    void aBusyLockFailsTheStreamOrEmptiesIt() {
        run((jobs, registry, target) -> {
            registry.busy.add("job");
            assertThatThrownBy(jobs.one()::block).isInstanceOf(LockNotAcquiredException.class);
            assertThatThrownBy(jobs.many()::blockLast).isInstanceOf(LockNotAcquiredException.class);
            assertThat(jobs.skippingOne().blockOptional()).isEmpty();
            assertThat(jobs.skippingMany().collectList().block()).isEmpty();
            assertThat(jobs.skippingOptional().block()).isEqualTo(Optional.empty());
            assertThat(target.calls).hasValue(0);
        });
    }

    @Test
    void aFallbackAnswersForABusyLock() {
        run((jobs, registry, target) -> {
            registry.busy.add("job");
            assertThat(jobs.fallingBack("a").block()).isEqualTo("busy a");
            assertThat(jobs.manyFallingBack().collectList().block()).containsExactly("x", "y");
            registry.busy.clear();
            target.one.tryEmitError(new LockNotAcquiredException("another", Duration.ZERO));
            // An exception of the method itself is not for its fallback.
            assertThatThrownBy(jobs.fallingBack("b")::block).isInstanceOf(LockNotAcquiredException.class);
        });
    }

    @Test
    void adviceBetweenTheLockAndTheMethodRunsOnEachSubscription() {
        LockedContext.with(Jobs.class, InnerAdvice.class)
                .withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
                .run(context -> {
                    Jobs jobs = context.getBean(Jobs.class);
                    AopTestUtils.<Jobs>getTargetObject(jobs).one.tryEmitValue("done");
                    Mono<String> mono = jobs.one();
                    mono.block();
                    mono.block();
                    assertThat(context.getBean(InnerAdvice.class).calls).hasValue(2);
                });
    }

    @Test
    void otherReactiveTypesWorkThroughTheirAdapters() {
        LockedContext.run(Others.class, (others, registry) -> {
            assertThat(others.single().blockingGet()).isEqualTo("job");
            assertThat(others.maybe().blockingGet()).isEqualTo("job");
            assertThat(others.flowable().toList().blockingGet()).containsExactly("job", "job");
            others.completable().blockingAwait();
            assertThat(Flux.from(others.publisher()).collectList().block()).containsExactly("job");
            assertThat(JdkFlowAdapter.flowPublisherToFlux(others.flow())
                            .collectList()
                            .block())
                    .containsExactly("job");
            assertThat(registry.log).hasSize(12);
            assertThat(registry.isHeld("job")).isFalse();
        });
    }

    @Test
    void aWrongSettingOfTheReleaseIsAnErrorBeforeAnythingIsTaken() {
        LockedContext.with(Jobs.class)
                .withPropertyValues("holdfast.release=never")
                .run(context -> {
                    Mono<String> mono = context.getBean(Jobs.class).one();
                    assertThatThrownBy(mono::block).hasMessageContaining("holdfast.release");
                    assertThat(context.getBean(FakeLockRegistry.class).log).isEmpty();
                });
    }

    private static void run(LockedContext.TargetBody<Jobs> body) {
        LockedContext.runWithTarget(Jobs.class, body);
    }

    static class Jobs {

        final AtomicInteger calls = new AtomicInteger();
        final Sinks.One<String> one = Sinks.one();
        final Sinks.Many<String> many = Sinks.many().multicast().directBestEffort();
        final List<Long> requested = new CopyOnWriteArrayList<>();

        @Autowired
        @Lazy
        Jobs self = this;

        @DistributedLock(name = "job")
        Mono<String> one() {
            calls.incrementAndGet();
            return one.asMono();
        }

        @DistributedLock(name = "job")
        Flux<String> many() {
            calls.incrementAndGet();
            return many.asFlux();
        }

        @DistributedLock(name = "job")
        Flux<Integer> counting() {
            return Flux.range(1, 1000).doOnRequest(requested::add);
        }

        @DistributedLock(name = "job")
        Mono<String> throwing() {
            throw new UnsupportedOperationException();
        }

        @DistributedLock(key = "#key")
        Mono<String> keyed(String key) {
            return one.asMono();
        }

        @DistributedLock(name = "job")
        Mono<String> contextual() {
            return Mono.deferContextual(context -> Mono.just(context.<String>get("user")));
        }

        @DistributedLock(name = "job")
        Flux<String> names() {
            String here = LockContext.current().name();
            return Flux.concat(
                    Mono.just(here),
                    ReactiveLockContext.current().map(LockHandle::name).subscribeOn(Schedulers.parallel()));
        }

        @DistributedLock(name = "job")
        Mono<String> nested() {
            return self.one()
                    .subscribeOn(Schedulers.boundedElastic())
                    .flatMap(value -> ReactiveLockContext.current().map(lock -> value + " in " + lock.name()));
        }

        @DistributedLock(name = "job")
        Mono<String> leavesBehind() {
            return Mono.deferContextual(context -> {
                self.one().contextWrite(context).subscribe();
                return Mono.just("outer");
            });
        }

        @DistributedLock(name = "job")
        String blocksOnOne() {
            return java.util.Objects.requireNonNull(self.one().block());
        }

        @DistributedLock(name = "job")
        Mono<Mono<String>> capturing() {
            return Mono.deferContextual(context -> Mono.just(self.one().contextWrite(context)));
        }

        @DistributedLock(name = "job", onLost = OnLost.THROW)
        Flux<String> throwsAtTheEnd() {
            return many.asFlux();
        }

        @DistributedLock(name = "job", onLost = OnLost.NOTIFY)
        Mono<String> notified() {
            return one.asMono();
        }

        @DistributedLock(name = "job", fallback = "instead")
        Mono<String> fallingBack(String id) {
            calls.incrementAndGet();
            return one.asMono();
        }

        private Mono<String> instead(String id) {
            return Mono.just("busy " + id);
        }

        @DistributedLock(name = "job", fallback = "manyInstead")
        Flux<String> manyFallingBack() {
            return many.asFlux();
        }

        private Flux<String> manyInstead() {
            return Flux.just("x", "y");
        }

        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        Mono<String> skippingOne() {
            calls.incrementAndGet();
            return one.asMono();
        }

        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        Flux<String> skippingMany() {
            calls.incrementAndGet();
            return many.asFlux();
        }

        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        Mono<Optional<String>> skippingOptional() {
            calls.incrementAndGet();
            return one.asMono().map(Optional::of);
        }
    }

    static class Others {

        @DistributedLock(name = "job")
        Single<String> single() {
            return Single.just(LockContext.current().name());
        }

        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        Maybe<String> maybe() {
            return Maybe.just(LockContext.current().name());
        }

        @DistributedLock(name = "job")
        Flowable<String> flowable() {
            String name = LockContext.current().name();
            return Flowable.just(name, name);
        }

        @DistributedLock(name = "job")
        Completable completable() {
            assertThat(LockContext.current().isHeld()).isTrue();
            return Completable.complete();
        }

        @DistributedLock(name = "job")
        Publisher<String> publisher() {
            return Mono.just(LockContext.current().name());
        }

        @DistributedLock(name = "job")
        Flow.Publisher<String> flow() {
            return JdkFlowAdapter.publisherToFlowPublisher(
                    Flux.just(LockContext.current().name()));
        }
    }

    /** As transactions are: advice further in than the lock. */
    static class InnerAdvice extends org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor {

        final AtomicInteger calls = new AtomicInteger();

        InnerAdvice() {
            setAdvice((org.aopalliance.intercept.MethodInterceptor) invocation -> {
                calls.incrementAndGet();
                return invocation.proceed();
            });
        }

        @Override
        public boolean matches(java.lang.reflect.Method method, Class<?> type) {
            return type == Jobs.class;
        }
    }
}
