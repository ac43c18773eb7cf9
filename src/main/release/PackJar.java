import java.io.BufferedOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.Attribute;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.RecordComponentVisitor;

/**
 * Makes two jars of the one that the build has put together: the program, and what it loads only elsewhere or not
 * itself. Libraries lose the names of their local variables, which only debuggers read and which are a tenth of all.
 * Line numbers and the names of parameters stay. Classes compiled for Java 5 and before, such as picocli's, get the stack
 * maps of Java 8: without them no class cache holds them, and each start verifies them anew.
 */
final class PackJar {

    private static final String OWN = "de/contactsync/";
    private static final String LICENCES = "(META-INF/)?(LICENSE|NOTICE)(\\.\\w+)?";

    private PackJar() {}

    /** @param arguments the jar, the one to make beside it, and with what the names of the entries in that one start */
    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        Path packed = jar.resolveSibling(jar.getFileName() + ".packed");
        List<String> starts = Arrays.asList(arguments).subList(2, arguments.length);
        TreeSet<String> unused = new TreeSet<>(starts);
        try (ZipFile all = new ZipFile(jar.toFile());
                URLClassLoader libraries = new URLClassLoader(new URL[] {jar.toUri().toURL()});
                ZipOutputStream program = create(packed);
                ZipOutputStream extras = create(Path.of(arguments[1]))) {
            for (ZipEntry entry : (Iterable<ZipEntry>) all.stream().map(ZipEntry.class::cast)::iterator) {
                String name = entry.getName();
                byte[] content = all.getInputStream(entry).readAllBytes();
                if (name.endsWith(".class") && !name.startsWith(OWN)) {
                    content = rewritten(content, libraries);
                }
                boolean apart = starts.stream().filter(name::startsWith).peek(unused::remove).findFirst().isPresent();
                if (!apart) {
                    write(program, entry, content);
                }
                if (apart || name.matches(LICENCES)) {
                    write(extras, entry, content);
                }
            }
        }
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException("No entry of " + jar + " starts with " + unused + ": see pom.xml");
        }
        Files.move(packed, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static ZipOutputStream create(Path jar) throws IOException {
        return new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(jar), 1 << 16));
    }

    /** Without fields that hold the time zone or the time of this build. */
    private static void write(ZipOutputStream jar, ZipEntry entry, byte[] content) throws IOException {
        ZipEntry written = new ZipEntry(entry.getName());
        written.setTimeLocal(entry.getTimeLocal());
        jar.putNextEntry(written);
        jar.write(content);
        jar.closeEntry();
    }

    private static byte[] rewritten(byte[] type, ClassLoader libraries) {
        ClassReader reader = new ClassReader(type);
        boolean old = reader.readUnsignedShort(6) < Opcodes.V1_6;
        ClassWriter writer = new ClassWriter(old ? ClassWriter.COMPUTE_FRAMES : 0) {
            @Override
            protected ClassLoader getClassLoader() {
                return libraries;
            }
        };
        Copier copier = new Copier(writer, old);
        reader.accept(copier, 0);
        return copier.unknown ? type : writer.toByteArray();
    }

    private static final class Copier extends ClassVisitor {

        /** Attributes of other tools may point into the pool of constants, which is a new one now. */
        private boolean unknown;

        private final boolean old;

        private Copier(ClassWriter writer, boolean old) {
            super(Opcodes.ASM9, writer);
            this.old = old;
        }

        @Override
        public void visit(
                int version, int access, String name, String signature, String superName, String[] interfaces) {
            super.visit(old ? Opcodes.V1_8 : version, access, name, signature, superName, interfaces);
        }

        @Override
        public void visitAttribute(Attribute attribute) {
            unknown = true;
        }

        @Override
        public RecordComponentVisitor visitRecordComponent(String name, String type, String signature) {
            return new RecordComponentVisitor(api, super.visitRecordComponent(name, type, signature)) {
                @Override
                public void visitAttribute(Attribute attribute) {
                    unknown = true;
                }
            };
        }

        @Override
        public FieldVisitor visitField(int access, String name, String type, String signature, Object value) {
            return new FieldVisitor(api, super.visitField(access, name, type, signature, value)) {
                @Override
                public void visitAttribute(Attribute attribute) {
                    unknown = true;
                }
            };
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String type, String signature, String[] exceptions) {
            return new MethodVisitor(api, super.visitMethod(access, name, type, signature, exceptions)) {
                @Override
                public void visitAttribute(Attribute attribute) {
                    unknown = true;
                }

                @Override
                public void visitLocalVariable(
                        String variable, String is, String generic, Label start, Label end, int index) {}
            };
        }
    }
}
