/* What the hosts in C of the tests begin alike with. */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "rendercast.h"

static inline uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Says why, and returns 1. */
static inline int fail(const char *what, rendercast_status status) {
    char text[1024];
    rendercast_last_error(text, sizeof text, NULL);
    fprintf(stderr, "%s: %s: %s\n", what, rendercast_status_name(status), text);
    return 1;
}

/* All of a small file, until the next call; empty where it cannot be read. */
static inline char *read_file(const char *path) {
    static char text[65536];
    FILE *file = fopen(path, "rb");
    size_t length = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL) fclose(file);
    text[length] = '\0';
    return text;
}

/* The standard input has ended: nobody needs this host any more. */
static inline int is_over(void) {
    struct pollfd in = {0, POLLIN | POLLHUP, 0};
    char byte;
    return poll(&in, 1, 0) > 0 && read(0, &byte, 1) <= 0;
}

#endif
