/**
 * Settings: the property sources and their precedence, a parser for each section, the records they result in, and their
 * documentation. Reports all problems of a configuration at once, each with its key, place and remedy.
 */
package de.contactsync.config;
