#!/bin/sh
# Makes the base of the image out of what this machine has, so that no registry is needed: a Java runtime cut from a JDK
# 25, the C library that it loads, and no shell. Then starts the program on it once for the cache of loaded classes.
#   image-base.sh JAR EXTRAS SBOM TARGET VERSION       with IMAGE_JDK, else the JDK 25 that JAVA_HOME or /usr/lib/jvm has
# Leaves TARGET/base.tar, an archive as `docker save` writes it, and TARGET/app, what lies over it.
set -eu
if [ ! -f "$3" ]; then
    echo "There is no $3: Maven makes the bill of materials only online, so leave out -o, or the image: -Dimage.skip" >&2
    exit 1
fi
jar=$(realpath "$1") extras=$(realpath "$2") sbom=$(realpath "$3") target=$(realpath -m "$4") version=$5

for jdk in "${IMAGE_JDK:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    grep -qs '^JAVA_VERSION="25[".]' "$jdk/release" && [ -x "$jdk/bin/jlink" ] && break
    jdk=
done
if [ -z "$jdk" ]; then
    echo "The image needs a JDK 25: set IMAGE_JDK to one, or build without it: -Dimage.skip" >&2
    exit 1
fi
case $(uname -s) in
    Linux) ;;
    *) echo "The image is built on Linux only, as it takes the C library from there; elsewhere: -Dimage.skip" >&2 && exit 1 ;;
esac
case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) architecture=$(uname -m) ;;
esac

rm -rf "$target"
root=$target/root app=$target/app home=opt/jtl-contact-sync
mkdir -p "$root/etc" "$root/data" "$root/tmp" "$root/proc" "$app/$home/lib" "$app/opt/cache"

# Without the parts of java.desktop that draw: they would need X11's libraries.
"$jdk/bin/jlink" --output "$root/opt/java" --compress zip-9 --strip-debug --no-header-files --no-man-pages \
    --dedup-legal-notices=error-if-not-same-content --exclude-files '/java.desktop/lib/**' --include-locales en,de \
    --add-modules java.desktop,java.instrument,java.logging,java.management,java.management.rmi,java.naming,java.net.http \
    --add-modules java.prefs,java.scripting,java.security.jgss,java.security.sasl,java.sql,java.transaction.xa,java.xml \
    --add-modules jdk.crypto.ec,jdk.httpserver,jdk.jcmd,jdk.jfr,jdk.localedata,jdk.management,jdk.naming.dns,jdk.net,jdk.security.auth \
    --add-modules jdk.security.jgss,jdk.unsupported,jdk.zipfs
# What other JDKs read of this one, and what a default archive of classes would be made from.
rm -f "$root/opt/java/lib/jrt-fs.jar" "$root/opt/java/lib/classlist"
# The names of the JVM's own functions: 6 MB that only a debugger reads.
if command -v strip >/dev/null; then find "$root/opt/java/lib" -name '*.so' -exec strip --strip-unneeded {} +; fi

# What the runtime is linked to, and what the C library itself loads to resolve names.
linked=$(find "$root/opt/java" -type f \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + 2>/dev/null |
    sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' | grep -v "^$root/" | sort -u)
libc=$(echo "$linked" | grep '/libc\.so')
for library in $linked "${libc%/*}"/libnss_dns.so.2 "${libc%/*}"/libnss_files.so.2 "${libc%/*}"/libresolv.so.2; do
    [ -f "$library" ] || continue
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
# Without it the JVM knows file names in ASCII only.
if [ ! -f /usr/lib/locale/C.utf8/LC_CTYPE ]; then
    echo "The image needs the locale C.UTF-8 in /usr/lib/locale/C.utf8; without an image: -Dimage.skip" >&2
    exit 1
fi
mkdir -p "$root/usr/lib/locale"
cp -RL /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/sbin/nologin\ncontacts:x:10001:10001::/data:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\ncontacts:x:10001:\n' >"$root/etc/group"

# The program in one jar, without the natives that other platforms load.
case $architecture in
    amd64) here=x86_64 ;;
    *) here=aarch64 ;;
esac
unpacked=$target/unpacked
mkdir "$unpacked"
(cd "$unpacked" && "$jdk/bin/jar" -xf "$extras" && "$jdk/bin/jar" -xf "$jar")
find "$unpacked" -type f \( -name '*.so' -o -name '*.dll' -o -name '*.dylib' \) \
    ! -ipath "*/linux/$here/*" ! -ipath "*/linux/$architecture/*" -delete
"$jdk/bin/jar" --create --file "$app/$home/lib/jtl-contact-sync.jar" --manifest "$unpacked/META-INF/MANIFEST.MF" \
    --date=2000-01-01T00:00:00Z -C "$unpacked" .
rm -rf "$unpacked"
cp -R routes mapping LICENSE "$app/$home/"
cp "$sbom" "$app/$home/sbom.cdx.json"
# The JVM maps its cache only beside files as old as they were then; Jib gives all files this time.
find "$root" "$app" -exec touch -h -d @1 {} +
trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT
# Without profiles of methods: 3.5 MB.
(cd "$trial" && LC_ALL=C.UTF-8 "$root/opt/java/bin/java" -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTCacheOutput="$app/opt/cache/classes.aot" -XX:+UseSerialGC \
    -jar "$app/$home/lib/jtl-contact-sync.jar" demo >demo.txt 2>demo.log) || { cat "$trial/demo.log" >&2 && exit 1; }

mkdir "$target/base"
tar -C "$root" --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --exclude=./data --exclude=./tmp -cf "$target/base/layer.tar" .
# The two folders that are written to, by whom the program runs as.
mkdir -p "$target/owned/data" "$target/owned/tmp"
chmod 1777 "$target/owned/tmp"
tar -C "$target/owned" --mtime=@1 --owner=10001 --group=10001 --numeric-owner -rf "$target/base/layer.tar" ./data ./tmp
digest=$(sha256sum "$target/base/layer.tar" | cut -d' ' -f1)
cat >"$target/base/config.json" <<EOF
{"architecture": "$architecture", "os": "linux", "created": "1970-01-01T00:00:01Z",
 "config": {"Env": ["LC_ALL=C.UTF-8"], "Healthcheck": {
   "Test": ["CMD", "/opt/java/bin/java", "-XX:AOTCache=/opt/cache/classes.aot", "-XX:+UseSerialGC", "-Xmx32m",
            "-jar", "/$home/lib/jtl-contact-sync.jar", "health"],
   "Interval": 30000000000, "Timeout": 10000000000, "StartPeriod": 60000000000, "Retries": 3}},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]},
 "history": [{"created": "1970-01-01T00:00:01Z", "created_by": "Java runtime and C library, jtl-contact-sync $version"}]}
EOF
echo '[{"Config": "config.json", "Layers": ["layer.tar"]}]' >"$target/base/manifest.json"
tar -C "$target/base" -cf "$target/base.tar" manifest.json config.json layer.tar
rm -rf "$target/base" "$target/owned"
