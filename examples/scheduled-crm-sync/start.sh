#!/bin/sh
# Starts a simulated JTL and a simulated HubSpot, and the sync between them, until Ctrl-C.
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
# The keys of the demo are in the jar.
contacts=../../src/main/resources/demo/contact-keys.csv
if [ ! -f "$contacts" ]; then
    mkdir -p data
    contacts=data/contact-keys.csv
    unzip -p "$jar" demo/contact-keys.csv >"$contacts"
fi
# Every 30 s some contacts change at JTL.
java -jar "$jar" simulator --port 18089 --crm-port 18090 --contacts "$contacts" \
    --revision-every 30s --changed-share 0.05 >/dev/null &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true' EXIT
trap exit INT TERM
export JTL_OAUTH_CLIENT_ID=demo JTL_OAUTH_CLIENT_SECRET=demo CONTACTS_CRM_TOKEN=demo-token
# The simulated HubSpot is empty whenever it starts. A real one remembers: leave this out.
if [ -f data/contacts.db ]; then
    java -jar "$jar" crm forget-target crm || true
fi
java -jar "$jar" run
