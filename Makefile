# Shortcuts for the commands that CONTRIBUTING.md explains. `make` builds the jar.
.PHONY: build test verify faults release

build:
	./mvnw -q -DskipTests package

test:
	./mvnw test

verify:
	./mvnw verify

faults:
	./mvnw verify -Pfaults

release:
	./mvnw verify -Prelease
