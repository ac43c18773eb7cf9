# What the start.sh of the examples share; each of them sources it in its own folder.

# The program as it was built, as the archive has it, or as the Debian package does.
for jar in "${JAR:-}" ../../target/jtl-contact-sync.jar ../../lib/jtl-contact-sync.jar \
    /usr/share/jtl-contact-sync/lib/jtl-contact-sync.jar; do
    [ ! -f "$jar" ] || break
done
if [ ! -f "$jar" ]; then
    echo "jtl-contact-sync.jar was not found: build it in the folder of the project (./mvnw -q -DskipTests package), or" \
        "name it: JAR=/path/to/jtl-contact-sync.jar $0" >&2
    exit 2
fi
# Documentation of a package belongs to root: a copy of the folder is what can be tried.
if [ ! -w . ]; then
    echo "$PWD cannot be written to: copy the folder of the examples, and start from there: cp -r $(cd .. && pwd) ~" >&2
    exit 2
fi
# What the simulated JTL expects.
export JTL_OAUTH_CLIENT_ID=demo JTL_OAUTH_CLIENT_SECRET=demo

# Starts a simulated JTL, which ends with the script, and waits until it listens: where its port is taken, another's
# server would answer.
simulate() { # OPTION...
    mkdir -p data
    : >data/simulator.log
    java -jar "$jar" simulator "$@" >data/simulator.log 2>&1 &
    started=$!
    trap 'kill $started 2>/dev/null || true; wait' EXIT
    trap exit INT TERM
    until grep -q '^jtl.base-url=' data/simulator.log; do
        if ! kill -0 $started 2>/dev/null; then
            cat data/simulator.log >&2
            exit 1
        fi
        sleep 0.1
    done
}

# Runs a program until it ends, or the script is told to end: a shell minds its signals only while it waits.
until_ended() { # PROGRAM...
    "$@" &
    started="$! $started"
    wait $!
}

# Written elsewhere and renamed into the inbox: the file is taken at once, and whole.
drop_keys() {
    mkdir -p data inbox
    cp keys.csv data/keys.csv
    mv data/keys.csv inbox/keys.csv
}
