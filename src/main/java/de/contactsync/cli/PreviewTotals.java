package de.contactsync.cli;

import de.contactsync.crm.CrmSettings.Gone;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What would become of the records of a file, counted. */
final class PreviewTotals {

    private final Map<PreviewText.Fate, Long> fates = new EnumMap<>(PreviewText.Fate.class);
    private final Map<String, Long> fields = new TreeMap<>();

    /** @param changed the fields of an update, by their names in the CRM */
    void add(PreviewText.Fate fate, Iterable<String> changed) {
        fates.merge(fate, 1L, Long::sum);
        changed.forEach(field -> fields.merge(field, 1L, Long::sum));
    }

    private long count(PreviewText.Fate fate) {
        return fates.getOrDefault(fate, 0L);
    }

    String text(Gone gone) {
        StringBuilder text = new StringBuilder();
        line(text, "create", count(PreviewText.Fate.CREATE));
        line(text, "update", count(PreviewText.Fate.UPDATE));
        fields.forEach((field, count) -> text.append(String.format(Locale.ROOT, "    %-28s %,9d%n", field, count)));
        line(text, "send once more", count(PreviewText.Fate.AGAIN));
        line(text, "unchanged, not sent", count(PreviewText.Fate.UNCHANGED));
        line(text, gone == Gone.FLAG ? "flag" : "delete", count(PreviewText.Fate.REMOVE));
        line(text, "refused by our own checks", count(PreviewText.Fate.UNFIT));
        line(text, "refused before, not sent", count(PreviewText.Fate.REFUSED));
        line(text, "not to be had from JTL", count(PreviewText.Fate.NONE));
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, String name, long count) {
        text.append(String.format(Locale.ROOT, "  %-30s %,9d%n", name, count));
    }
}
