#!/bin/sh
# Starts a simulated JTL, imports a key file, and hands each contact to a route of our own, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
# The program as it was built, or as the archive has it.
for jar in "${JAR:-}" ../../target/jtl-contact-sync.jar ../../lib/jtl-contact-sync.jar; do
    [ ! -f "$jar" ] || break
done
if [ ! -f "$jar" ]; then
    echo "There is no ../../target/jtl-contact-sync.jar yet: in the folder of the project, ./mvnw -q -DskipTests package" >&2
    exit 2
fi
java -jar "$jar" simulator --port 18085 --not-found-share 0.2 >/dev/null 2>&1 &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true' EXIT
trap exit INT TERM
export JTL_OAUTH_CLIENT_ID=demo JTL_OAUTH_CLIENT_SECRET=demo
# Written elsewhere and renamed into the folder: it is taken at once, and whole.
mkdir -p data inbox
cp keys.csv data/keys.csv
mv data/keys.csv inbox/keys.csv
java -jar "$jar" run
