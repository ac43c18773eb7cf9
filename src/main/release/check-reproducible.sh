#!/bin/sh
# Builds the release twice, from two copies of the sources in folders of different names, and compares what came out.
# Without the image: what the JVM writes into its cache of loaded classes differs from start to start.
# Needs some 2 GB in TMPDIR. MVN_OPTS adds options of yours, such as -o.
set -eu
cd "$(dirname "$0")/../../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for copy in first another-one; do
    mkdir "$work/$copy"
    git archive HEAD | tar -x -C "$work/$copy"
    # shellcheck disable=SC2086 # a list of words
    (cd "$work/$copy" && ./mvnw -q ${MVN_OPTS:-} -DskipTests -Dimage.skip -Prelease package)
done
if diff -r "$work/first/target/dist" "$work/another-one/target/dist"; then
    echo "Both builds are the same, byte by byte:"
    cat "$work/first/target/dist/SHA256SUMS"
else
    echo "The builds differ" >&2
    exit 1
fi
