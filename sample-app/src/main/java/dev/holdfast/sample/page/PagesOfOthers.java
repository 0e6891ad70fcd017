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
        registry.addMapping("/page/**").allowedOriginPatterns(origins).allowedMethods("GET");
        registry.addMapping("/trial/**").allowedOriginPatterns(origins).allowedMethods("POST");
    }
}
