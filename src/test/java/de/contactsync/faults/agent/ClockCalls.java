package de.contactsync.faults.agent;

import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Sends a class's questions for the time to {@link WrongClock}, which has methods of the same names. */
final class ClockCalls {

    private static final Set<String> CALLS = Set.of(
            "java/lang/System.currentTimeMillis()J",
            "java/time/Instant.now()Ljava/time/Instant;",
            "java/time/Clock.systemUTC()Ljava/time/Clock;");

    private static final String WRONG_CLOCK = WrongClock.class.getName().replace('.', '/');

    private ClockCalls() {}

    static byte[] redirected(byte[] classFile) {
        ClassReader reader = new ClassReader(classFile);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
                        return new MethodVisitor(Opcodes.ASM9, next) {
                            @Override
                            public void visitMethodInsn(
                                    int opcode, String owner, String method, String type, boolean ofInterface) {
                                boolean redirect = CALLS.contains(owner + "." + method + type);
                                super.visitMethodInsn(
                                        opcode, redirect ? WRONG_CLOCK : owner, method, type, ofInterface);
                            }
                        };
                    }
                },
                0);
        return writer.toByteArray();
    }
}
