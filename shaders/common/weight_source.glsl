// An element of a tensor as it lies in a file, read as words. The includer declares source and source_type.
const uint SOURCE_FLOAT32 = 0;
const uint SOURCE_FLOAT16 = 1;

float read_source(uint element)
{
    if (source_type == SOURCE_FLOAT32)
        return uintBitsToFloat(source[element]);
    uint word = source[element / 2];
    uint bits = (element & 1) == 0 ? word & 0xFFFFu : word >> 16;
    return source_type == SOURCE_FLOAT16 ? unpackHalf2x16(bits).x : uintBitsToFloat(bits << 16);
}
