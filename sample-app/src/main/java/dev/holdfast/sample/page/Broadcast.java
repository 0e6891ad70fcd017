package dev.holdfast.sample.page;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
class Broadcast implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Broadcast.class);
    private static final int MOST_VIEWERS = 50;

    private final Camera camera;
    private final JsonMapper json;
    private final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
    private final ExecutorService senders = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "page-sender");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closing;

    Broadcast(Camera camera, JsonMapper json) {
        this.camera = camera;
        this.json = json;
    }

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
            return;
        }
        try {
            String picture = json.writeValueAsString(camera.take());
            viewers.forEach(viewer -> viewer.send("picture", picture, senders));
        } catch (DataAccessException failure) {
            log.warn("No picture: {}", failure.getMessage());
        }
    }

    /** A picture can take its time, when etcd or the database does not answer. Only a process that is stopped says nothing at all. */
    @Scheduled(fixedDelay = 1000)
    void sayAlive() {
        viewers.forEach(viewer -> viewer.send("alive", "", senders));
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
