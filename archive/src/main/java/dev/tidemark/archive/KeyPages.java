package dev.tidemark.archive;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The keys of a listing; a page is fetched when the one before it is used up. */
final class KeyPages implements Iterator<String> {
    private final Pages pages;
    private final Optional<String> startAfter;
    private Iterator<S3Object> page;
    private Optional<String> nextToken;

    interface Pages {
        ListObjectsV2Response fetch(Optional<String> token, Optional<String> startAfter);
    }

    KeyPages(Pages pages, Optional<String> startAfter) {
        this.pages = pages;
        this.startAfter = startAfter;
        take(pages.fetch(Optional.empty(), startAfter));
    }

    private void take(ListObjectsV2Response response) {
        page = response.contents().iterator();
        nextToken = Boolean.TRUE.equals(response.isTruncated())
                ? Optional.of(response.nextContinuationToken())
                : Optional.empty();
    }

    @Override
    public boolean hasNext() {
        while (!page.hasNext() && nextToken.isPresent()) {
            take(pages.fetch(nextToken, startAfter));
        }
        return page.hasNext();
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.next().key();
    }
}
