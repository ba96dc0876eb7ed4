package dev.tidemark.standalone.command;

import dev.tidemark.schemas.settings.Settings;

/** Starts a service; settings that reach it have no problems. */
@FunctionalInterface
interface ServiceStart {
    ServiceRun start(Settings settings);
}
