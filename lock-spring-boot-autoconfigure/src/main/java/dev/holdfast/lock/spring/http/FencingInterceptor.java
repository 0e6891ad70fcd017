package dev.holdfast.lock.spring.http;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spring.LockContext;
import java.io.IOException;
import java.util.Optional;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sends the fencing token of the running {@link dev.holdfast.lock.spring.DistributedLock} method, the innermost one on the calling
 * thread, with each request of a {@code RestClient} or {@code RestTemplate}, as {@link FencingHeaders}. Thread-safe.
 *
 * <pre>{@code
 * RestClient ledger = builder.baseUrl(url).requestInterceptor(FencingInterceptor.required()).build();
 * }</pre>
 *
 * <p>Drawing the token may take one write to etcd. Of a method that holds its names through several locks (it entered some of another
 * method again) a request fails with {@link IllegalStateException}, since each has a token of its own: add {@link FencingHeaders} of the
 * one that counts by hand. Whatever is thrown, the request was not sent.
 */
public final class FencingInterceptor implements ClientHttpRequestInterceptor {

    private final boolean required;

    private FencingInterceptor(boolean required) {
        this.required = required;
    }

    /**
     * Requests outside a locked method are sent as they are; those of a method whose lock is lost have its token, so that the receiver
     * refuses them if another holder was there, or fail with {@link dev.holdfast.lock.LockLostException} if it was never drawn.
     */
    public static FencingInterceptor ifLocked() {
        return new FencingInterceptor(false);
    }

    /**
     * A request outside a locked method fails with {@link IllegalStateException}, and one of a method whose lock is lost, or that of a
     * method around it, as {@link LockContext#ensureHeld()} tells, with {@link dev.holdfast.lock.LockLostException}; neither is sent.
     */
    public static FencingInterceptor required() {
        return new FencingInterceptor(true);
    }

    @Override
    public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
            throws IOException {
        Optional<LockHandle> hold = LockContext.find();
        if (required) {
            hold.orElseThrow(() -> notLocked(request));
            LockContext.ensureHeld();
        }
        // Fails if the method has several, of which one header could tell one only.
        hold.ifPresent(
                only -> new FencingHeaders(only.names(), LockContext.fencingToken()).addTo(request.getHeaders()));
        return execution.execute(request, body);
    }

    private static IllegalStateException notLocked(HttpRequest request) {
        return new IllegalStateException(request.getMethod() + " " + request.getURI()
                + " wants a fencing token, but no @DistributedLock method runs on thread '"
                + Thread.currentThread().getName()
                + "'; call it in the body of one, or use FencingInterceptor.ifLocked()");
    }
}
