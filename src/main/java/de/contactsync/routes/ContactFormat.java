package de.contactsync.routes;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Writes contacts, or other maps, in UTF-8: {@code marshal: {custom: {ref: contactsJson}}}. A body is a map, a list of
 * maps, or what the lookup gives. It is no type converter to text, because Camel would use that one to log bodies.
 */
public abstract sealed class ContactFormat extends ServiceSupport implements DataFormat {

    /** An object of a map, an array of a list. */
    public static final class Json extends ContactFormat {

        private static final ObjectMapper MAPPER = new ObjectMapper();

        @Override
        void write(List<?> maps, boolean lone, OutputStream out) throws IOException {
            out.write(MAPPER.writeValueAsBytes(lone ? maps.get(0) : maps));
        }
    }

    /** A line of a map, a header and a line for each of a list; the names of the first are the columns of all. */
    public static final class Csv extends ContactFormat {

        @Override
        void write(List<?> maps, boolean lone, OutputStream out) throws IOException {
            Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            try (CsvWriter csv =
                    CsvWriter.builder().quoteStrategy(QuoteStrategies.EMPTY).build(writer)) {
                List<?> columns = maps.isEmpty() ? List.of() : List.copyOf(((Map<?, ?>) maps.get(0)).keySet());
                if (!lone && !maps.isEmpty()) {
                    csv.writeRecord(columns.stream().map(String::valueOf).toList());
                }
                for (Object each : maps) {
                    Map<?, ?> map = (Map<?, ?>) each;
                    csv.writeRecord(
                            columns.stream().map(map::get).map(Csv::text).toList());
                }
            }
        }

        /** A field that JTL sent as null is one without quotes, an empty one has them. */
        private static String text(Object value) {
            return value == null ? null : value.toString();
        }
    }

    private ContactFormat() {}

    /** @param lone whether the body is one map, not a list */
    abstract void write(List<?> maps, boolean lone, OutputStream out) throws IOException;

    @Override
    public void marshal(Exchange exchange, Object body, OutputStream out) throws Exception {
        boolean lone = body instanceof Map;
        List<?> maps = lone
                ? List.of(body)
                : exchange.getContext().getTypeConverter().mandatoryConvertTo(List.class, exchange, body);
        for (Object each : maps) {
            if (!(each instanceof Map)) {
                throw new IllegalArgumentException("expected a map, or a list of maps, and not "
                        + (each == null ? "null" : each.getClass().getSimpleName()));
            }
        }
        write(maps, lone, out);
    }

    @Override
    public Object unmarshal(Exchange exchange, InputStream in) {
        throw new UnsupportedOperationException("contactsJson and contactsCsv only write: unmarshal with camel-jackson"
                + " or camel-bindy, whose jars belong into lib/");
    }
}
