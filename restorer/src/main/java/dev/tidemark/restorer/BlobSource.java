package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import dev.tidemark.schemas.log.Value.Blob;
import java.io.IOException;
import java.nio.file.Path;

/** Where large values are had from. */
@FunctionalInterface
interface BlobSource {
    /** A local copy, compared with its checksum. The caller closes it. */
    Spool fetch(Blob blob, Path spoolDirectory) throws IOException;
}
