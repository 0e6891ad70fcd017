package dev.holdfast.sample.page;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** One browser that looks on. A slow one misses pictures and keeps nobody waiting. */
final class Viewer {

    private final SseEmitter emitter = new SseEmitter(0L);
    private final AtomicBoolean sending = new AtomicBoolean();
    private final Runnable gone;

    Viewer(Runnable gone) {
        this.gone = gone;
        emitter.onCompletion(gone);
        emitter.onError(failure -> gone.run());
    }

    SseEmitter emitter() {
        return emitter;
    }

    /** Leaves it out if the browser is still busy with what came before. */
    void send(String event, String data, Executor executor) {
        if (sending.compareAndSet(false, true)) {
            executor.execute(() -> send(event, data));
        }
    }

    void end() {
        emitter.complete();
    }

    private void send(String event, String data) {
        try {
            emitter.send(SseEmitter.event().name(event).data(data));
        } catch (IOException | IllegalStateException left) {
            gone.run();
        } finally {
            sending.set(false);
        }
    }
}
