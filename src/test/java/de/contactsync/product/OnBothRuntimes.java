package de.contactsync.product;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * What is shown for camel-main and for Quarkus: that Camel, the routes and all that the runtimes do differently
 * (starting, stopping, logging, health and metrics) work together. Other tests are about code that is the same on both.
 */
@Tag("both-runtimes")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface OnBothRuntimes {}
