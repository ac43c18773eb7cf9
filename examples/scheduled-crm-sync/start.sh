#!/bin/sh
# Starts a simulated JTL, and the sync against it, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
jar=../../target/jtl-contact-sync.jar
if [ ! -f "$jar" ]; then
    echo "There is no $jar yet: in the folder of the project, ./mvnw -q -DskipTests package" >&2
    exit 2
fi
java -jar "$jar" simulator --port 18089 --contacts ../../src/main/resources/demo/contact-keys.csv >/dev/null &
simulator=$!
trap 'kill "$simulator"' EXIT
trap exit INT TERM
export JTL_OAUTH_CLIENT_ID=demo JTL_OAUTH_CLIENT_SECRET=demo
java -jar "$jar" run
