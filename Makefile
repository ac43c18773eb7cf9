# Shortcuts for the commands that CONTRIBUTING.md explains. `make` builds the jar.
.PHONY: build test verify faults quarkus keycloak realcrm release reproducible

build:
	./mvnw -q -DskipTests package

test:
	./mvnw test

verify:
	./mvnw verify

faults:
	./mvnw verify -Pfaults

quarkus:
	./mvnw verify -Pquarkus

keycloak:
	./mvnw verify -Pkeycloak

realcrm:
	./mvnw verify -Prealcrm

release:
	./mvnw verify -Prelease

reproducible:
	src/main/release/check-reproducible.sh
