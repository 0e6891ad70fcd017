package dev.holdfast.sample.page;

import dev.holdfast.sample.SampleProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/** Shows the same picture to all who look on. Takes none while nobody does. */
@Component
@RegisterReflectionForBinding(Broadcast.Alive.class)
class Broadcast implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Broadcast.class);
    private static final int MOST_VIEWERS = 50;

    /** Longer than a picture takes while all is well. */
    private static final Duration LONG = Duration.ofSeconds(5);

    private final Camera camera;
    private final JsonMapper json;
    private final String here;
    private final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
    private final ExecutorService senders = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "page-sender");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closing;

    /** When the first attempt at a picture began that no picture has come of; null after each that came. */
    private volatile @Nullable Instant tryingSince;

    private volatile boolean failing;

    Broadcast(Camera camera, JsonMapper json, SampleProperties properties) {
        this.camera = camera;
        this.json = json;
        this.here = properties.instance();
    }

    /**
     * That this instance is there.
     *
     * @param noPictureSince since when it has had nothing to show; null if it has
     * @param reason why not; null if it has
     */
    record Alive(
            String here,
            @Nullable Instant noPictureSince,
            @Nullable String reason) {}

    SseEmitter join() {
        if (closing || viewers.size() >= MOST_VIEWERS) {
            throw new ResponseStatusException(
                    HttpStatus.SERVICE_UNAVAILABLE, "No more than " + MOST_VIEWERS + " look on.");
        }
        Viewer[] self = new Viewer[1];
        Viewer viewer = new Viewer(() -> viewers.remove(self[0]));
        self[0] = viewer;
        viewers.add(viewer);
        if (closing) {
            viewer.end(); // it may have come behind those who were told
        }
        return viewer.emitter();
    }

    @Scheduled(fixedDelay = 500)
    void show() {
        if (viewers.isEmpty()) {
            seen(); // nobody asked, so nobody knows
            return;
        }
        if (tryingSince == null) {
            tryingSince = Instant.now();
        }
        try {
            String picture = json.writeValueAsString(camera.take());
            viewers.forEach(viewer -> viewer.send("picture", picture, senders));
            seen();
        } catch (DataAccessException failure) {
            if (!failing) {
                log.warn("No picture: {}", failure.getMessage());
            }
            failing = true;
        }
    }

    private void seen() {
        failing = false;
        tryingSince = null;
    }

    /** A picture can take its time or fail, when etcd or the database does not answer. Only a process that is stopped says nothing at all. */
    @Scheduled(fixedDelay = 1000)
    void sayAlive() {
        if (viewers.isEmpty()) {
            return;
        }
        String alive = json.writeValueAsString(alive());
        viewers.forEach(viewer -> viewer.send("alive", alive, senders));
    }

    private Alive alive() {
        Instant since = tryingSince;
        if (since != null && failing) {
            return new Alive(here, since, "the database cannot be read");
        }
        if (since != null && since.plus(LONG).isBefore(Instant.now())) {
            return new Alive(here, since, "the database or etcd does not answer");
        }
        return new Alive(here, null, null);
    }

    /** Before the web server stops, which would wait for them. */
    @EventListener(ContextClosedEvent.class)
    void end() {
        closing = true;
        viewers.forEach(Viewer::end);
    }

    @Override
    public void destroy() {
        senders.shutdownNow();
    }
}
