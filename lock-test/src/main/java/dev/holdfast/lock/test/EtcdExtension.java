package dev.holdfast.lock.test;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests an etcd, one for the whole JVM: what {@code HOLDFAST_ETCD_ENDPOINTS} names (comma-separated URLs), else {@code etcd} from
 * the {@code PATH}, else a container by Testcontainers if that is on the class path. If there is none, the tests fail with a message
 * that says how to get one; they are never skipped. As {@code @RegisterExtension} or {@code @ExtendWith}; thread-safe.
 *
 * <p>Since tests share the server, each should keep to keys of its own: see {@link #uniquePrefix()}.
 */
public final class EtcdExtension implements BeforeAllCallback, ParameterResolver {

    @Override
    public void beforeAll(ExtensionContext context) {
        SharedEtcd.endpoints();
    }

    /** Client URLs. */
    public List<String> endpoints() {
        return SharedEtcd.endpoints();
    }

    /** A key prefix nobody else uses. */
    public String uniquePrefix() {
        return "test-" + UUID.randomUUID() + "/";
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return parameter.isAnnotated(EtcdEndpoints.class)
                && (type == List.class || type == String[].class || type == String.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == String.class) {
            return endpoints().get(0);
        }
        return type == List.class ? endpoints() : endpoints().toArray(new String[0]);
    }
}
