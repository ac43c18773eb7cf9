package org.apache.camel.impl.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.spi.ClassResolver;
import org.apache.camel.spi.FactoryFinder;
import org.apache.camel.spi.FactoryFinderResolver;

/**
 * Stands before Camel's class of this name on the tests' class path, since a context makes it by name. Each context asks
 * for some hundred optional services, and each that is not there costs a look into 300 jars, several times: a quarter of
 * the CPU of tests that start contexts. Here all contexts of a JVM share what was found, and what was not.
 */
public class DefaultFactoryFinderResolver implements FactoryFinderResolver {

    private record Key(ClassLoader loader, String path) {}

    private static final Map<Key, FactoryFinder> FINDERS = new ConcurrentHashMap<>();

    @Override
    public FactoryFinder resolveFactoryFinder(ClassResolver classResolver, String resourcePath) {
        Key key = new Key(Thread.currentThread().getContextClassLoader(), resourcePath);
        return FINDERS.computeIfAbsent(key, asked -> new DefaultFactoryFinder(classResolver, resourcePath) {
            @Override
            public void clear() {
                // A context that ends takes nothing from the others.
            }
        });
    }

    @Override
    public FactoryFinder resolveBootstrapFactoryFinder(ClassResolver classResolver, String resourcePath) {
        return new BootstrapFactoryFinder(classResolver, resourcePath);
    }
}
