package de.contactsync.faults.agent;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * What brings faults into a process of the packaged jar, so that the product itself knows nothing of them. The
 * argument of {@code -javaagent} is one or more of these, with a semicolon between them:
 *
 * <ul>
 *   <li>{@code point=CLASS,METHOD,entry|exit,N,ACTION} or {@code …,ACTION,CALLER}: see {@link FailPoint}
 *   <li>{@code clock=FILE}: the wall clock goes wrong by the milliseconds that stand in the file, see
 * {@link WrongClock} <li>{@code bug=NAME}: one of {@link SeededBug}
 * </ul>
 */
public final class FaultAgent {

    private FaultAgent() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
        for (String argument : arguments.split(";")) {
            String[] parts = argument.split("=", 2);
            switch (parts[0]) {
                case "point" -> failPoint(FailPoint.set(parts[1]), instrumentation);
                case "clock" -> wrongClock(parts[1], instrumentation);
                case "bug" -> {
                    SeededBug bug = SeededBug.valueOf(parts[1]);
                    advise(bug.type, bug.method, bug.advice, instrumentation);
                }
                default -> throw new IllegalArgumentException(argument);
            }
        }
    }

    private static void failPoint(FailPoint point, Instrumentation instrumentation) {
        advise(point.type(), point.method(), point.atEntry() ? AtEntry.class : AtExit.class, instrumentation);
    }

    static void advise(String type, String method, Class<?> advice, Instrumentation instrumentation) {
        new AgentBuilder.Default()
                .with(AgentBuilder.Listener.StreamWriting.toSystemError().withErrorsOnly())
                .type(ElementMatchers.named(type))
                .transform((builder, description, loader, module, domain) ->
                        builder.visit(Advice.to(advice).on(ElementMatchers.named(method))))
                .installOn(instrumentation);
    }

    private static void wrongClock(String file, Instrumentation instrumentation) {
        WrongClock.follow(file);
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte[] transform(
                    ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] classFile) {
                return WrongClock.concerns(loader, name) ? ClockCalls.redirected(classFile) : null;
            }
        });
    }

    static final class AtEntry {
        @Advice.OnMethodEnter
        static void reached() throws Throwable {
            FailPoint.reached();
        }
    }

    static final class AtExit {
        @Advice.OnMethodExit
        static void reached() throws Throwable {
            FailPoint.reached();
        }
    }
}
