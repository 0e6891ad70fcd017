package dev.holdfast.sample.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What {@code ./mvnw install} would put into the local repository, made of the classes of this build in a repository of its own. */
final class BuiltArtifacts {

    private static final List<String> MODULES =
            List.of("lock-core", "lock-test", "lock-spring-boot-autoconfigure", "lock-spring-boot-starter");
    private static final Pattern PARENT =
            Pattern.compile("<artifactId>holdfast-parent</artifactId>\\s*<version>([^<]+)</version>");

    private final Path root;
    private final Path repository;
    private final String version;

    private BuiltArtifacts(Path root, Path repository) throws IOException {
        this.root = root;
        this.repository = repository.resolve("dev/holdfast");
        Matcher parent = PARENT.matcher(Files.readString(root.resolve("pom.xml")));
        assertThat(parent.find()).as("the version in pom.xml").isTrue();
        this.version = parent.group(1);
    }

    static void install(Path root, Path repository) throws IOException {
        BuiltArtifacts artifacts = new BuiltArtifacts(root, repository);
        artifacts.installPom("holdfast-parent", root);
        for (String module : MODULES) {
            artifacts.installPom(module, root.resolve(module));
            artifacts.installJar(module);
        }
    }

    private void installPom(String artifact, Path module) throws IOException {
        Files.copy(module.resolve("pom.xml"), file(artifact, "pom"), StandardCopyOption.REPLACE_EXISTING);
    }

    private void installJar(String module) throws IOException {
        Path classes = root.resolve(module).resolve("target/classes");
        assertThat(classes)
                .as("the classes of %s, which this build compiles before; build with -am", module)
                .isDirectory();
        try (OutputStream file = Files.newOutputStream(file(module, "jar"));
                JarOutputStream jar = new JarOutputStream(file);
                Stream<Path> contents = Files.walk(classes)) {
            for (Path content : contents.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(content).toString()));
                Files.copy(content, jar);
                jar.closeEntry();
            }
        }
    }

    private Path file(String artifact, String extension) throws IOException {
        Path directory = Files.createDirectories(repository.resolve(artifact).resolve(version));
        return directory.resolve(artifact + "-" + version + "." + extension);
    }
}
