package dev.holdfast.lock.simulation;

import dev.holdfast.lock.engine.Mutant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/** Loads engine and simulation once more, beside the ones there are, with one class of the engine changed. */
final class MutantLoader extends ClassLoader {

    private static final String OURS = "dev.holdfast.lock.";

    private final Mutant mutant;

    MutantLoader(Mutant mutant) {
        super(MutantLoader.class.getClassLoader());
        this.mutant = mutant;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] code = name.equals(mutant.type()) ? mutated() : original(name);
                loaded = defineClass(name, code, 0, code.length);
            }
            return loaded;
        }
    }

    private byte[] original(String name) throws ClassNotFoundException {
        try (InputStream code = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (code == null) {
                throw new ClassNotFoundException(name);
            }
            return code.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private byte[] mutated() {
        ClassFileLocator classes = ClassFileLocator.ForClassLoader.of(getParent());
        ElementMatcher.Junction<MethodDescription> methods =
                ElementMatchers.namedOneOf(mutant.methods().toArray(String[]::new));
        var type = TypePool.Default.of(classes).describe(mutant.type()).resolve();
        if (type.getDeclaredMethods().filter(methods).isEmpty()) {
            throw new IllegalStateException(mutant + ": no method " + mutant.methods() + " in " + mutant.type());
        }
        return new ByteBuddy()
                .with(TypeValidation.DISABLED)
                .redefine(type, classes)
                .visit(Advice.to(mutant.mistake()).on(methods))
                .make()
                .getBytes();
    }
}
