#ifndef PNG_H
#define PNG_H

#include <stdint.h>

/* Writes RGBA pixels as a PNG without compression, which needs no library. Returns 0, or -1 if the file can't be written. */
int pngWrite(const char *path, const uint8_t *rgba, uint32_t width, uint32_t height);

#endif
