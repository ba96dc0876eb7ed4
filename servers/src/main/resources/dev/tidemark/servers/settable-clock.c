/* A wall clock that is off by the seconds in the file CLOCK_OFF_BY names; the monotonic clock stays as it is.
 * libfaketime would do, but not under the jemalloc of Debian's redis-server, which asks for the time while it starts. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long off_by(void) {
    const char *file = getenv("CLOCK_OFF_BY");
    char text[32] = {0};
    int opened = file == NULL ? -1 : open(file, O_RDONLY);
    if (opened < 0) {
        return 0;
    }
    if (read(opened, text, sizeof text - 1) < 0) {
        text[0] = 0;
    }
    close(opened);
    return atol(text);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int outcome = (int) syscall(SYS_gettimeofday, now, zone);
    if (outcome == 0) {
        now->tv_sec += off_by();
    }
    return outcome;
}

time_t time(time_t *seconds) {
    struct timeval now;
    if (gettimeofday(&now, NULL) != 0) {
        return (time_t) -1;
    }
    if (seconds != NULL) {
        *seconds = now.tv_sec;
    }
    return now.tv_sec;
}
