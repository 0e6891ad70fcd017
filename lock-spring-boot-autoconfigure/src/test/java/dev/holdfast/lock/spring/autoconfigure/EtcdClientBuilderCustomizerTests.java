package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdExtension;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.Ordered;

class EtcdClientBuilderCustomizerTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues(
                    "holdfast.etcd.endpoints=" + String.join(",", ETCD.endpoints()),
                    "holdfast.key-prefix=" + ETCD.uniquePrefix())
            .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));

    @Test
    void theyHaveTheLastWordInTheirOrderForRegistryAndClient() {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        runner.withBean("late", EtcdClientBuilderCustomizer.class, () -> new Size(2, 300_000, told))
                .withBean("early", EtcdClientBuilderCustomizer.class, () -> new Size(1, 200_000, told))
                .run(context -> {
                    assertThat(context).hasSingleBean(LockRegistry.class);
                    assertThat(told)
                            .containsExactly(
                                    "early: 200000 instead of " + (32 << 20), "late: 300000 instead of 200000");
                    told.clear();
                    assertThat(context.getBean(Client.class)).isNotNull();
                    assertThat(told)
                            .containsExactly(
                                    "early: 200000 instead of " + (32 << 20), "late: 300000 instead of 200000");
                });
    }

    @Test
    void anInterceptorSeesTheRequestsOfTheLocks() {
        Methods seen = new Methods(ConcurrentHashMap.newKeySet());
        runner.withBean(EtcdClientBuilderCustomizer.class, () -> builder -> builder.interceptor(seen))
                .run(context -> {
                    context.getBean(LockRegistry.class).lock("a").acquire().release();
                    assertThat(seen.names()).contains("etcdserverpb.Lease/LeaseGrant", "etcdserverpb.KV/Txn");
                });
    }

    @Test
    void whatACustomizerThrowsIsNoWrongProperty() {
        runner.withBean(EtcdClientBuilderCustomizer.class, () -> builder -> {
                    throw new IllegalArgumentException("thrown by a test");
                })
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseMessage("thrown by a test")
                        .hasStackTraceContaining("thrown by a test")
                        .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("holdfast.etcd")));
    }

    private record Size(int order, int bytes, Queue<String> told) implements EtcdClientBuilderCustomizer, Ordered {

        @Override
        public int getOrder() {
            return order;
        }

        @Override
        public void customize(ClientBuilder builder) {
            told.add((order == 1 ? "early: " : "late: ") + bytes + " instead of " + builder.maxInboundMessageSize());
            builder.maxInboundMessageSize(bytes);
        }
    }

    private record Methods(Set<String> names) implements ClientInterceptor {

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            names.add(method.getFullMethodName());
            return next.newCall(method, options);
        }
    }
}
