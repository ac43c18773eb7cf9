package de.contactsync.simulator;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What made-up contacts are put together from. Domains end in .example, and numbers come from the ranges that the
 * Bundesnetzagentur keeps free for films or have an area code nobody has, so that none of them belongs to anybody.
 */
final class SampleData {

    static final List<String> DEPARTMENTS = List.of(
            "Einkauf",
            "Vertrieb",
            "Buchhaltung",
            "Geschäftsführung",
            "Lager",
            "Kundenservice",
            "Marketing",
            "IT",
            "Qualitätssicherung",
            "Einkauf & Logistik",
            "Büro / Empfang",
            "Werk 2, Halle \"Süd\"",
            "Personal",
            "Technik");

    static final List<Name> FEMALE = names(
            "Anna",
            "Jördis",
            "Katharina",
            "Bärbel",
            "Sabine",
            "Ayşe",
            "Käthe",
            "Marie-Luise",
            "Renée",
            "Ute",
            "Sophia",
            "Heike",
            "Gönül",
            "Małgorzata",
            "Lena");

    static final List<Name> MALE = names(
            "Jürgen",
            "Thomas",
            "Björn",
            "Karl-Heinz",
            "Götz",
            "Michael",
            "Sören",
            "Stefan",
            "Günter",
            "José",
            "Paweł",
            "Uwe",
            "Jan",
            "Mehmet",
            "Andreas");

    static final List<Name> LAST_NAMES = names(
            "Müller",
            "Schmidt",
            "Schäfer",
            "Groß",
            "Weiß",
            "Jäger",
            "Köhler",
            "von der Heide",
            "Böhm",
            "Krüger",
            "Meyer-Lübke",
            "O'Neill",
            "Yılmaz",
            "Nowak",
            "Fischer",
            "Becker",
            "Kämmerer",
            "zu Löwenstein",
            "Hoffmann",
            "Strauß",
            "Wagner",
            "Österreicher",
            "Lange",
            "Vogt");

    static final List<String> TITLES = List.of("Dr. ", "Prof. Dr. ", "Dipl.-Ing. ");

    static final List<String> DOMAINS = List.of(
            "nordlicht-handel.example",
            "mueller-gmbh.example",
            "holzwerk.example",
            "einkauf.baumarkt-sued.example",
            "technik24.example");

    /** Three digits follow. */
    static final List<String> LANDLINES =
            List.of("01234 / 123456-", "030 / 23125-", "+49 40 66969-", "(0221) 4710-", "089/99998", "0049-69-90009");

    /** Two digits follow. */
    static final List<String> MOBILES = List.of("0171 / 39200", "+49 171 39200", "0176/040690");

    private SampleData() {}

    /** @param mail the name as it stands in an e-mail address */
    record Name(String text, String mail) {}

    private static List<Name> names(String... texts) {
        return Stream.of(texts).map(text -> new Name(text, mail(text))).toList();
    }

    private static String mail(String name) {
        String spelled = name.toLowerCase(Locale.ROOT)
                .replace("ä", "ae")
                .replace("ö", "oe")
                .replace("ü", "ue")
                .replace("ß", "ss")
                .replace("ł", "l")
                .replace("ı", "i");
        return Normalizer.normalize(spelled, Normalizer.Form.NFD).replaceAll("[^a-z-]", "");
    }
}
