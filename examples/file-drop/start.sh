#!/bin/sh
# Starts a simulated JTL, drops a key file into the inbox and imports whatever else is put there, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
. ../common.sh
simulate --port 18086 --not-found-share 0.2
drop_keys
until_ended java -jar "$jar" run
