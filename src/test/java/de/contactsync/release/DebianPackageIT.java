package de.contactsync.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Debian package, installed by dpkg in a root of its own: this machine's programs, under folders that vanish with
 * the process. Needs Debian and root.
 */
class DebianPackageIT {

    /** {@code $0} is an empty folder, {@code $1} the package, {@code $2} what the test does. */
    private static final String ROOT = """
            exec 2>&1
            root=$0 deb=$1
            mount -t tmpfs -o mode=755 tmp "$root"
            cd "$root"
            mkdir -p usr above/upper above/work etc var/lib/dpkg/info var/lib/dpkg/updates var/cache run srv tmp dev
            mount -t overlay -o lowerdir=/usr,upperdir=above/upper,workdir=above/work usr "$root/usr"
            mount --bind /dev dev
            for link in bin sbin lib lib64; do ln -s usr/$link $link; done
            touch var/lib/dpkg/status var/lib/dpkg/available
            echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
            echo 'root:x:0:' >etc/group
            settings=etc/jtl-contact-sync/application.properties link=var/lib/jtl-contact-sync/application.properties
            quietly() { "$@" >tmp/log 2>&1 || { cat tmp/log; exit 1; }; }
            install() { quietly dpkg --root="$root" --force-depends --force-confold -i "$deb"; }
            purge() { quietly dpkg --root="$root" --purge jtl-contact-sync; }
            state() { dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Abbrev}\\n' jtl-contact-sync; }
            mode() { chroot "$root" stat -c '%a %U:%G' "/$1"; }
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void needed() {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) && Files.isExecutable(Path.of("/usr/sbin/adduser")),
                "not tried: the package can be installed only as root, on Debian");
    }

    @Test
    void it_is_installed_with_a_user_its_folders_and_settings_that_its_group_reads() throws Exception {
        assertThat(inside("install; state; mode $settings; mode var/lib/jtl-contact-sync; readlink $link"))
                .containsExactly(
                        "ii ",
                        "640 root:jtl-contact-sync",
                        "750 jtl-contact-sync:jtl-contact-sync",
                        "/etc/jtl-contact-sync/application.properties");
    }

    /** Once, it had neither a licence nor a page to read. */
    @Test
    void it_has_its_licence_its_documentation_and_the_examples() throws Exception {
        // This machine's dpkg may be told to leave documentation out.
        assertThat(
                        inside(
                                "dpkg-deb -x \"$deb\" tmp; cd tmp/usr/share/doc/jtl-contact-sync;"
                                        + " ls copyright README.md docs/installation.md examples/file-drop/start.sh ops/prometheus/alerts.yml"))
                .hasSize(5);
    }

    /** Once, the link to the settings in /etc took its place. */
    @Test
    void an_upgrade_keeps_settings_that_lie_in_the_working_folder() throws Exception {
        assertThat(inside("install; rm $link; echo mine >$link; install; cat $link"))
                .containsExactly("mine");
    }

    /** Once, it ended with "cannot access", and left the package half configured. */
    @Test
    void an_upgrade_without_the_settings_in_etc_succeeds() throws Exception {
        assertThat(inside("install; rm $settings $link; install; state; test ! -h $link"))
                .containsExactly("ii ");
    }

    /** Once, each upgrade gave the settings back to the service's group. */
    @Test
    void an_upgrade_keeps_the_modes_of_settings_and_folders() throws Exception {
        assertThat(inside("install; chmod 600 $settings; chgrp root $settings; chmod 700 var/lib/jtl-contact-sync;"
                        + " install; mode $settings; mode var/lib/jtl-contact-sync"))
                .containsExactly("600 root:root", "700 jtl-contact-sync:jtl-contact-sync");
    }

    /** Once, the file with the credentials stayed. */
    @Test
    void a_purge_leaves_no_credentials_no_data_and_no_user() throws Exception {
        assertThat(
                        inside(
                                "install; echo JTL_OAUTH_CLIENT_SECRET=x >etc/jtl-contact-sync/environment;"
                                        + " echo x >var/lib/jtl-contact-sync/contacts.db; purge;"
                                        + " ls -d etc/jtl* var/lib/jtl* var/cache/jtl* 2>/dev/null || true; grep -c jtl etc/passwd || true"))
                .containsExactly("0");
    }

    /** Once, only the link went. Who keeps other files there keeps them. */
    @Test
    void a_purge_removes_the_data_behind_a_link_and_nothing_else_there() throws Exception {
        assertThat(inside("mkdir srv/data; ln -s /srv/data var/lib/jtl-contact-sync; install;"
                        + " chroot --userspec=jtl-contact-sync \"$root\" sh -c"
                        + " 'mkdir -p /srv/data/inbox/.done; touch /srv/data/contacts.db /srv/data/inbox/.done/keys.csv';"
                        + " echo other >srv/data/other; purge; find srv/data -mindepth 1; ls var/lib"))
                .containsExactly("srv/data/other", "dpkg");
    }

    private List<String> inside(String test) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-euc",
                        ROOT + test,
                        Files.createDirectory(folder.resolve("root")).toString(),
                        Path.of(System.getProperty("product.deb"))
                                .toAbsolutePath()
                                .toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        assertThat(process.exitValue()).as(() -> String.join("\n", lines)).isZero();
        return lines;
    }
}
