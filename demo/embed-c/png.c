#include "png.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Writer {
    FILE *file;
    uint32_t crc;
    uint32_t a, b; /* Adler-32 */
} Writer;

static uint32_t crcOf(uint32_t crc, const uint8_t *bytes, size_t count)
{
    size_t i;
    int bit;
    crc = ~crc;
    for (i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static void put(Writer *writer, const void *bytes, size_t count)
{
    fwrite(bytes, 1, count, writer->file);
    writer->crc = crcOf(writer->crc, bytes, count);
}

static void put32(Writer *writer, uint32_t value)
{
    uint8_t bytes[4];
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
    put(writer, bytes, 4);
}

static void beginChunk(Writer *writer, const char *type, uint32_t length)
{
    put32(writer, length);
    writer->crc = 0;
    put(writer, type, 4);
}

static void endChunk(Writer *writer) { put32(writer, writer->crc); }

static void adler(Writer *writer, const uint8_t *bytes, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        writer->a = (writer->a + bytes[i]) % 65521u;
        writer->b = (writer->b + writer->a) % 65521u;
    }
}

int pngWrite(const char *path, const uint8_t *rgba, uint32_t width, uint32_t height)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    const uint8_t kind[5] = {8, 6, 0, 0, 0};
    const uint32_t line = 1 + width * 4; /* a filter byte, and the pixels; one stored block of deflate a line */
    Writer writer = {0};
    uint32_t y;
    int failed;

    writer.a = 1;
    writer.file = fopen(path, "wb");
    if (writer.file == NULL || line > 65535)
        return -1;
    put(&writer, signature, 8);
    beginChunk(&writer, "IHDR", 13);
    put32(&writer, width);
    put32(&writer, height);
    put(&writer, kind, 5);
    endChunk(&writer);
    beginChunk(&writer, "IDAT", 2 + height * (5 + line) + 4);
    put(&writer, "\x78\x01", 2);
    for (y = 0; y < height; y++) {
        const uint8_t *pixels = rgba + (size_t)y * width * 4;
        uint8_t block[6];
        block[0] = y + 1 == height;
        block[1] = (uint8_t)line;
        block[2] = (uint8_t)(line >> 8);
        block[3] = (uint8_t)~block[1];
        block[4] = (uint8_t)~block[2];
        block[5] = 0;
        put(&writer, block, 6);
        put(&writer, pixels, line - 1);
        adler(&writer, block + 5, 1);
        adler(&writer, pixels, line - 1);
    }
    put32(&writer, writer.b << 16 | writer.a);
    endChunk(&writer);
    beginChunk(&writer, "IEND", 0);
    endChunk(&writer);
    failed = ferror(writer.file);
    return fclose(writer.file) != 0 || failed ? -1 : 0;
}
