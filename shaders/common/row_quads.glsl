// Four neighbouring elements at a time, for kernels that need nothing optional: a vec4, or two words of fp16 pairs.
#ifdef FP16
#define ROW_QUAD uvec2

vec4 unpack_row_quad(ROW_QUAD bits)
{
    return vec4(unpackHalf2x16(bits.x), unpackHalf2x16(bits.y));
}

ROW_QUAD pack_row_quad(vec4 value)
{
    return uvec2(packHalf2x16(value.xy), packHalf2x16(value.zw));
}
#else
#define ROW_QUAD vec4

vec4 unpack_row_quad(ROW_QUAD bits)
{
    return bits;
}

ROW_QUAD pack_row_quad(vec4 value)
{
    return value;
}
#endif
