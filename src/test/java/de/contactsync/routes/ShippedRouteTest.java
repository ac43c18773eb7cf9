package de.contactsync.routes;

import java.util.Properties;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.junit5.CamelContextConfiguration;
import org.apache.camel.test.junit5.TestExecutionConfiguration;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * One shipped YAML route with the shipped error policies, the way a Camel user tests a route: its source is replaced by
 * {@link #START}, every route that it sends to is a mock, and its beans are stand-ins that a test binds.
 */
@Timeout(30)
abstract class ShippedRouteTest extends CamelMainTestSupport {

    static final String START = "direct:start";

    private final String route;
    private final Properties properties = new Properties();

    /** @param properties keys and values that the route's placeholders need, in turn */
    ShippedRouteTest(String route, String... properties) {
        this.route = route;
        for (int i = 0; i < properties.length; i += 2) {
            this.properties.setProperty(properties[i], properties[i + 1]);
        }
    }

    @Override
    public void configureTest(TestExecutionConfiguration configuration) {
        configuration.withUseAdviceWith(true);
    }

    @Override
    public void configureContext(CamelContextConfiguration configuration) {
        super.configureContext(configuration);
        configuration.withMockEndpointsAndSkip("direct:(?!(//)?start$).*");
    }

    @Override
    protected void configure(MainConfigurationProperties main) {
        main.withRoutesIncludePattern(
                "classpath:routes/" + route + ".camel.yaml,classpath:routes/error-policies.camel.yaml");
    }

    @Override
    protected String getPropertyPlaceholderLocations() {
        return "false";
    }

    @BeforeEach
    void replaceTheSource() throws Exception {
        context.getPropertiesComponent().setOverrideProperties(properties);
        AdviceWith.adviceWith(context, route, advice -> advice.replaceFromWith(START));
        context.start();
    }

    /** The mock in place of another route. */
    MockEndpoint route(String id) {
        return getMockEndpoint("mock:direct:" + id);
    }
}
