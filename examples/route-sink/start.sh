#!/bin/sh
# Starts a simulated JTL, imports a key file, and hands each contact to a route of our own, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
. ../common.sh
simulate --port 18085 --not-found-share 0.2
drop_keys
until_ended java -jar "$jar" run
