package dev.tidemark.archive;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The objects of a listing, of each what is wanted; a page is fetched when the one before it is used up. */
final class ListedPages<T> implements Iterator<T> {
    private final Pages pages;
    private final Optional<String> startAfter;
    private final Function<S3Object, T> wanted;
    private Iterator<S3Object> page;
    private Optional<String> nextToken;

    interface Pages {
        ListObjectsV2Response fetch(Optional<String> token, Optional<String> startAfter);
    }

    ListedPages(Pages pages, Optional<String> startAfter, Function<S3Object, T> wanted) {
        this.pages = pages;
        this.startAfter = startAfter;
        this.wanted = wanted;
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
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return wanted.apply(page.next());
    }
}
