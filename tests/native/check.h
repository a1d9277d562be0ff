/* What the tests in C say and count: calls that must be refused with an error of their own, and things that must hold. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>

#include "titok.h"

static int passed, failed, skipped;

/* The call must give exactly this error, with a message of one line. */
static void refused(int line, const char *call, TitokResult expected, TitokResult actual)
{
    const char *message = titokLastMessage();
    if (actual == expected && message[0] != '\0' && strchr(message, '\n') == NULL) {
        passed++;
        printf("%4d  %-30s %s\n", line, titokResultName(actual), message);
        return;
    }
    failed++;
    printf("%4d  FAILED: %s gave %s, not %s; message: '%s'\n", line, call, titokResultName(actual), titokResultName(expected), message);
}

static void holds(int line, const char *what, int is)
{
    if (is) {
        passed++;
        return;
    }
    failed++;
    printf("%4d  FAILED: %s; message: '%s'\n", line, what, titokLastMessage());
}

/* What could not be tried is told, with the reason. */
static inline void skip(const char *what, const char *why)
{
    skipped++;
    printf("skipped %s: %s\n", what, why);
}

#define REFUSED(error, call) refused(__LINE__, #call, TITOK_ERROR_##error, call)
#define HOLDS(what) holds(__LINE__, #what, what)
#define WORKS(call) holds(__LINE__, #call, (call) == TITOK_OK)

/* The last line of a test program, and what it ends with. */
static int counted(void)
{
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed != 0;
}

#endif
