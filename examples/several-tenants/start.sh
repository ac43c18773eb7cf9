#!/bin/sh
# Starts a simulated JTL and imports keys of two merchants from one file, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
. ../common.sh
simulate --port 18087 --not-found-share 0.2
drop_keys
until_ended java -jar "$jar" run
