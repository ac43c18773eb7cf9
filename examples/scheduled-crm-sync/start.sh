#!/bin/sh
# Starts a simulated JTL and a simulated HubSpot, and the sync between them, until Ctrl-C.
set -eu
cd "$(dirname "$0")"
. ../common.sh
# The keys of the demo are in the jar.
contacts=../../src/main/resources/demo/contact-keys.csv
if [ ! -f "$contacts" ]; then
    mkdir -p data
    contacts=data/contact-keys.csv
    unzip -p "$jar" demo/contact-keys.csv >"$contacts"
fi
# Every 30 s some contacts change at JTL.
simulate --port 18089 --crm-port 18090 --contacts "$contacts" --revision-every 30s --changed-share 0.05
export CONTACTS_CRM_TOKEN=demo-token
# The simulated HubSpot is empty whenever it starts. A real one remembers: leave this out.
if [ -f data/contacts.db ]; then
    java -jar "$jar" crm forget-target crm || true
fi
until_ended java -jar "$jar" run
