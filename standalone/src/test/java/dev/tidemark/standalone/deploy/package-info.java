/** What lies under deploy/, and docker-compose.yml, held against the schemas of those who read it and against our own settings. */
package dev.tidemark.standalone.deploy;
