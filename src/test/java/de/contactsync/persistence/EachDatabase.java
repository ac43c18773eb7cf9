package de.contactsync.persistence;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Runs a parameterized class or test on each kind of database. {@code ./mvnw test} leaves PostgreSQL, which takes six times
 * as long, to {@code ./mvnw verify}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("databases")
@ArgumentsSource(EachDatabase.Kinds.class)
public @interface EachDatabase {

    final class Kinds implements ArgumentsProvider {

        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            return Arrays.stream(TestDatabase.Kind.values())
                    .filter(kind ->
                            kind == TestDatabase.Kind.SQLITE || !"sqlite".equals(System.getProperty("test.databases")))
                    .map(Arguments::of);
        }
    }
}
