// Four neighbouring elements at a time, for the kernels of CPU drivers: they read 64-bit words, because such a driver
// spends its time on the number of loads of an invocation, not on their width.
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#ifdef FP16
#define QUAD uint64_t
#else
#define QUAD u64vec2
#endif

#ifdef FP16
vec4 unpack_quad(QUAD q)
{
    uvec2 halves = unpack32(q);
    return vec4(unpackHalf2x16(halves.x), unpackHalf2x16(halves.y));
}
#else
vec4 unpack_quad(QUAD q)
{
    return uintBitsToFloat(uvec4(unpack32(q.x), unpack32(q.y)));
}
#endif
