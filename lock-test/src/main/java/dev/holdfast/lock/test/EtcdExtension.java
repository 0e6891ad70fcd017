package dev.holdfast.lock.test;

import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a real etcd. By default one for the whole JVM: what {@code HOLDFAST_ETCD_ENDPOINTS} names (comma-separated URLs), else
 * {@code etcd} from the {@code PATH}, else a container by Testcontainers if that is on the class path. If there is none, the tests fail
 * with a message that says how to get one; they are never skipped. As {@code @RegisterExtension} or {@code @ExtendWith}; thread-safe.
 *
 * <p>Tests that stop or freeze etcd take one of their own: {@link #withServer()} or {@link #withCluster()} on a static field, or a
 * parameter of type {@link EtcdServer} or {@link EtcdCluster}. It lasts for the test class, needs {@code etcd} on the {@code PATH}, and
 * runs again, with all members, before each test. Since tests share an etcd, each should keep to keys of its own: see {@link
 * #uniquePrefix()}.
 */
public final class EtcdExtension implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(EtcdExtension.class);

    private final @Nullable Supplier<EtcdCluster> start;
    private @Nullable EtcdCluster own;

    /** Of classes under way: with nested ones, the class that has this extension and those in it. */
    private int classes;

    /** The etcd of the whole JVM. */
    public EtcdExtension() {
        this(null);
    }

    private EtcdExtension(@Nullable Supplier<EtcdCluster> start) {
        this.start = start;
    }

    /** One etcd for the test class. */
    public static EtcdExtension withServer() {
        return new EtcdExtension(EtcdCluster::ofOne);
    }

    /** Three members for the test class. */
    public static EtcdExtension withCluster() {
        return new EtcdExtension(EtcdCluster::start);
    }

    @Override
    public synchronized void beforeAll(ExtensionContext context) {
        classes++;
        endpoints();
    }

    @Override
    public synchronized void beforeEach(ExtensionContext context) {
        if (own != null) {
            own.heal();
        }
        for (Class<?> type : List.of(EtcdServer.class, EtcdCluster.class)) {
            EtcdCluster injected = context.getStore(NAMESPACE).get(type, EtcdCluster.class);
            if (injected != null) {
                injected.heal();
            }
        }
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) {
        classes--;
        if (own != null && classes == 0) {
            own.close();
            own = null;
        }
    }

    /** Client URLs. */
    public List<String> endpoints() {
        return start == null ? SharedEtcd.endpoints() : cluster().endpoints();
    }

    /** The members that belong to the test class, if it has {@link #withServer()} or {@link #withCluster()}. */
    public synchronized EtcdCluster cluster() {
        if (start == null) {
            throw new IllegalStateException(
                    "The etcd of the whole JVM is not for a test to stop; make the extension withServer() or withCluster()");
        }
        EtcdCluster known = own;
        if (known == null) {
            known = start.get();
            own = known;
        }
        return known;
    }

    /** The first of {@link #cluster()}. */
    public EtcdServer server() {
        return cluster().member(0);
    }

    /** A key prefix nobody else uses. */
    public String uniquePrefix() {
        return "test-" + UUID.randomUUID() + "/";
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == EtcdServer.class
                || type == EtcdCluster.class
                || parameter.isAnnotated(EtcdEndpoints.class)
                        && (type == List.class || type == String[].class || type == String.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == EtcdServer.class) {
            return start == null ? injected(type, EtcdCluster::ofOne, context).member(0) : server();
        }
        if (type == EtcdCluster.class) {
            return start == null ? injected(type, EtcdCluster::start, context) : cluster();
        }
        if (type == String.class) {
            return endpoints().get(0);
        }
        return type == List.class ? endpoints() : endpoints().toArray(new String[0]);
    }

    /** Kept, and closed, with the test class: its methods see what it keeps. */
    private static EtcdCluster injected(Class<?> type, Supplier<EtcdCluster> start, ExtensionContext context) {
        ExtensionContext ofClass = context;
        while (ofClass.getTestMethod().isPresent() && ofClass.getParent().isPresent()) {
            ofClass = ofClass.getParent().get();
        }
        return ofClass.getStore(NAMESPACE).computeIfAbsent(type, absent -> start.get(), EtcdCluster.class);
    }
}
