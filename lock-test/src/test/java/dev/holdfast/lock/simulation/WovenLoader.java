package dev.holdfast.lock.simulation;

import dev.holdfast.lock.engine.Weaving;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.LongFunction;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/** Loads engine and simulation once more, beside the ones there are, with one class of the engine changed. */
final class WovenLoader extends ClassLoader {

    private static final String OURS = "dev.holdfast.lock.";

    private final Weaving weaving;

    private WovenLoader(Weaving weaving) {
        super(WovenLoader.class.getClassLoader());
        this.weaving = weaving;
    }

    /** The simulation around an engine that was changed. */
    @SuppressWarnings("unchecked")
    static LongFunction<Verdict> simulation(Weaving weaving) throws ReflectiveOperationException {
        return (LongFunction<Verdict>) new WovenLoader(weaving)
                .loadClass(Worlds.class.getName())
                .getConstructor()
                .newInstance();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS) || name.equals(Verdict.class.getName())) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] code = name.equals(weaving.type()) ? woven() : original(name);
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

    private byte[] woven() {
        ClassFileLocator classes = ClassFileLocator.ForClassLoader.of(getParent());
        ElementMatcher.Junction<MethodDescription> methods =
                ElementMatchers.namedOneOf(weaving.methods().toArray(String[]::new));
        var type = TypePool.Default.of(classes).describe(weaving.type()).resolve();
        if (type.getDeclaredMethods().filter(methods).isEmpty()) {
            throw new IllegalStateException(weaving + ": no method " + weaving.methods() + " in " + weaving.type());
        }
        return new ByteBuddy()
                .with(TypeValidation.DISABLED)
                .redefine(type, classes)
                .visit(Advice.to(weaving.advice()).on(methods))
                .make()
                .getBytes();
    }
}
