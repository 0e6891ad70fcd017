package dev.holdfast.sample.page;

import dev.holdfast.sample.SampleProperties;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Lets the page of another instance look through this one: so it goes on when the instance that it came from is gone. */
@Component
class PagesOfOthers implements WebMvcConfigurer {

    private final String[] origins;

    PagesOfOthers(SampleProperties properties) {
        this.origins = properties.page().allowedOrigins().toArray(String[]::new);
    }

    @Override
    public void addCorsMappings(CorsRegistry registry) {
        allow(registry, "/page/**", "GET");
        allow(registry, "/trial/**", "POST");
    }

    /** Spring allows any origin at first, and patterns replace that only if there is one; so nobody is allowed before. */
    private void allow(CorsRegistry registry, String path, String method) {
        registry.addMapping(path)
                .allowedOrigins()
                .allowedOriginPatterns(origins)
                .allowedMethods(method);
    }
}
