// Eight fp16 numbers of 16 bytes.
void unpack_eight(uvec4 bits, out vec4 low, out vec4 high)
{
    low = vec4(unpackHalf2x16(bits.x), unpackHalf2x16(bits.y));
    high = vec4(unpackHalf2x16(bits.z), unpackHalf2x16(bits.w));
}

uvec4 pack_eight(vec4 low, vec4 high)
{
    return uvec4(packHalf2x16(low.xy), packHalf2x16(low.zw), packHalf2x16(high.xy), packHalf2x16(high.zw));
}
