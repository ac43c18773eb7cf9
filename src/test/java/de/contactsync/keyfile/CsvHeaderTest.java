package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.contact;
import static de.contactsync.keyfile.KeyReading.customer;
import static de.contactsync.keyfile.KeyReading.read;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvHeaderTest {

    private static final String EXPECTED = "; expected a header line with the columns customerId and contactId"
            + " (tenantId if there are several), separated by comma, semicolon, tab or |";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "customerId,contactId",
                "CUSTOMERID,CONTACTID",
                "customer_id,customer_contact_id",
                "Customer-ID,Customer-Contact-ID",
                " CUSTOMER ID , contact id ",
                "\"Customer\u00A0Id\",\"contact-id\"",
                "\"customerId\" , \"contactId\"",
                "customerId,contactId,Straße,,x",
                "customerId,contactId,\"a;b;c\"",
                "customerId,contactId,\"two\nlines\"",
                "sep=,\ncustomerId,contactId",
                "\n\n  \nSEP=, \r\n\ncustomerId,contactId",
            })
    void understands(String header) {
        int lines = header.split("\n", -1).length;
        assertThat(read("keys.csv", header + "\n" + KeyReading.csv("$7,x"))).containsExactly((lines + 1) + "=7");
        assertThat(read("keys.csv", header)).isEmpty();
    }

    @Test
    void columns_in_any_order() {
        String rows = "x;tenantid;CONTACT_ID;y;customerId\n1;;" + contact(3) + ";\"a;b\";" + customer(3);
        assertThat(read("keys.csv", rows)).containsExactly("2=3");
    }

    @Test
    void excel_separator_rules_out_all_others() {
        assertThat(read("keys.csv", "sep=;\ncustomerId,contactId\n"))
                .containsExactly("unreadable: there are no columns customerId and contactId, the first line is"
                        + " \"customerId,contactId\"" + EXPECTED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "customerId;contactId;Customer-ID| customerId more than once (\"customerId\" and \"Customer-ID\")",
                "customerId;contactId;customerContactId"
                        + "| contactId more than once (\"contactId\" and \"customerContactId\")",
                "customerId;contactId;tenant_id;tenantId| tenantId more than once (\"tenant_id\" and \"tenantId\")",
            })
    void same_column_twice(String header, String text) {
        assertThat(read("keys.csv", header + "\n"))
                .containsExactly("unreadable: the header line names " + text + ": keep the column that holds the ids");
    }

    @Test
    void one_column_missing() {
        assertThat(read("keys.csv", "Kunde;customerId\n1;2\n"))
                .containsExactly(
                        "unreadable: there is no column contactId, the header line is \"Kunde;customerId\"" + EXPECTED);
        assertThat(read("keys.csv", "contactId\n"))
                .containsExactly(
                        "unreadable: there is no column customerId, the header line is \"contactId\"" + EXPECTED);
    }

    @Test
    void no_columns() {
        assertThat(read("keys.csv", "Kunde\u0000\u001B[31m\tKontakt" + "x".repeat(300)))
                .containsExactly("unreadable: there are no columns customerId and contactId, the first line is \""
                        + "Kunde\\u0000\\u001B[31m\\tKontakt" + "x".repeat(181) + "…\"" + EXPECTED);
    }

    @Test
    void no_header() {
        assertThat(read("keys.csv", KeyReading.csv("$1\n$2\n")))
                .containsExactly("unreadable: the header line is missing, the file begins with ids: \"" + customer(1)
                        + "," + contact(1) + "\"" + EXPECTED);
    }

    @Test
    void lone_quote_in_the_header() {
        assertThat(read("keys.csv", "customerId,contactId,\"x\n" + KeyReading.csv("$1,y\n")))
                .containsExactly("unreadable: there are no columns customerId and contactId, the first line is"
                        + " \"customerId,contactId,\"x\"" + EXPECTED);
    }

    @Test
    void endless_header() {
        assertThat(read("keys.csv", "customerId,contactId," + "x".repeat(70_000)))
                .containsExactly("unreadable: the first line is longer than 64 KiB, it begins \"customerId,contactId,"
                        + "x".repeat(179) + "…\"" + EXPECTED);
    }
}
