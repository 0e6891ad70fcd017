package dev.holdfast.sample.page;

import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** What the page is made of, as a stream and for once. */
@RestController
class PageController {

    private final Broadcast broadcast;
    private final Camera camera;

    PageController(Broadcast broadcast, Camera camera) {
        this.broadcast = broadcast;
        this.camera = camera;
    }

    @GetMapping(path = "/page/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream() {
        return broadcast.join();
    }

    @GetMapping("/page/picture")
    ResponseEntity<Picture> picture() {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(camera.take());
    }
}
