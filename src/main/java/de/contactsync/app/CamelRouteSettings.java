package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Settings of Camel that are about which routes there are. */
final class CamelRouteSettings {

    private CamelRouteSettings() {}

    /**
     * Camel would go on without these routes.
     *
     * @param camel settings
     * @throws ConfigurationException when a class with routes is not on the class path, or no route would start
     */
    static void require(Map<String, String> camel) {
        if (camel.entrySet().stream().anyMatch(CamelRouteSettings::startsNone)) {
            throw new ConfigurationException(List.of(
                    "camel.main.auto-startup: without routes the program would do nothing: remove the setting"));
        }
        List<String> missing = camel.entrySet().stream()
                .filter(setting -> namesClasses(setting.getKey()))
                .flatMap(setting -> Arrays.stream(setting.getValue().split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty() && !isThere(name))
                .map(name -> "camel.main.routes-builder-classes: there is no class " + name
                        + ": put its jar into lib/ beside the program, or correct the name")
                .toList();
        if (!missing.isEmpty()) {
            throw new ConfigurationException(missing);
        }
    }

    /** Whether that is the setting of classes with routes, in either spelling. */
    static boolean namesClasses(String key) {
        return key.replace("-", "").equalsIgnoreCase("camel.main.routesBuilderClasses");
    }

    private static boolean startsNone(Map.Entry<String, String> setting) {
        return setting.getKey().replace("-", "").equalsIgnoreCase("camel.main.autoStartup")
                && "false".equalsIgnoreCase(setting.getValue().strip());
    }

    private static boolean isThere(String className) {
        try {
            Class.forName(className, false, Thread.currentThread().getContextClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
