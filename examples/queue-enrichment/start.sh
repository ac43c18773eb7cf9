#!/bin/sh
# Starts a simulated JTL, the enrichment against it, and asks for three contacts; until Ctrl-C.
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
java -jar "$jar" simulator --port 18088 --not-found-share 0.3 >/dev/null 2>&1 &
simulator=$!
export JTL_OAUTH_CLIENT_ID=demo JTL_OAUTH_CLIENT_SECRET=demo
java -jar "$jar" run &
run=$!
trap 'kill "$run" "$simulator" 2>/dev/null; wait' EXIT
trap exit INT TERM
java -cp "$jar" Ask.java amqp://127.0.0.1:61616 shop shop 2>/dev/null
wait "$run"
