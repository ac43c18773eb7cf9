package de.contactsync.observability;

import java.util.Map;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/** The process works as long as it answers: whatever is unavailable, starting it anew would not help. */
final class LivenessCheck implements HealthCheck {

    @Override
    public String getId() {
        return "process";
    }

    @Override
    public String getGroup() {
        return "jtl-contact-sync";
    }

    @Override
    public boolean isLiveness() {
        return true;
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    public boolean isEnabled() {
        return true;
    }

    @Override
    public void setEnabled(boolean enabled) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Result call(Map<String, Object> options) {
        return HealthCheckResultBuilder.on(this).up().build();
    }
}
