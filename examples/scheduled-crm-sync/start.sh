#!/bin/sh
# Starts a simulated JTL and a simulated HubSpot, and the sync between them, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
jar=../../target/jtl-contact-sync.jar
if [ ! -f "$jar" ]; then
    echo "There is no $jar yet: in the folder of the project, ./mvnw -q -DskipTests package" >&2
    exit 2
fi
# Every 30 s some contacts change at JTL.
java -jar "$jar" simulator --port 18089 --crm-port 18090 --contacts ../../src/main/resources/demo/contact-keys.csv \
    --revision-every 30s --changed-share 0.05 >/dev/null &
simulator=$!
trap 'kill "$simulator"' EXIT
trap exit INT TERM
export JTL_OAUTH_CLIENT_ID=demo JTL_OAUTH_CLIENT_SECRET=demo CONTACTS_CRM_TOKEN=demo-token
# The simulated HubSpot is empty whenever it starts. A real one remembers: leave this out.
if [ -f data/contacts.db ]; then
    java -jar "$jar" crm forget-target crm || true
fi
java -jar "$jar" run
