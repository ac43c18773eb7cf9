package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.persistence.ChunkFixture;
import java.util.List;
import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class ContactConverterLoaderTest {

    /** A tap behind the database had to know types of the program. */
    @Test
    void a_route_takes_the_contacts_of_a_chunk_as_a_list_of_maps() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:tap").convertBodyTo(List.class).transform(simple("${body[1][lastName]}"));
                }
            });
            camel.start();

            assertThat(camel.createProducerTemplate()
                            .requestBody("direct:tap", ChunkFixture.found(1, 0, 0, 3), String.class))
                    .isNotBlank();
            assertThat((List<?>) camel.getTypeConverter().convertTo(List.class, ChunkFixture.mixed(1, 0)))
                    .as("those that were found")
                    .isNotEmpty()
                    .hasSizeLessThan(ChunkFixture.mixed(1, 0).outcomes().size())
                    .allSatisfy(each -> assertThat(((Map<?, ?>) each).keySet().toString())
                            .startsWith("[tenantId, customerId, contactId, department"));
        }
    }
}
