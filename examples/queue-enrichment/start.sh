#!/bin/sh
# Starts a simulated JTL, the enrichment against it, and asks for three contacts; until Ctrl-C.
set -eu
cd "$(dirname "$0")"
. ../common.sh
simulate --port 18088 --not-found-share 0.3
java -jar "$jar" run &
run=$!
started="$run $started"
until_ended java -cp "$jar" Ask.java amqp://127.0.0.1:61616 shop shop 2>/dev/null
wait "$run"
