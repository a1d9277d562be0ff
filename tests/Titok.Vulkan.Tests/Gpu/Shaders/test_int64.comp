#version 460
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
// Needs shaderInt64, which the library never turns on: such a shader must be refused before a driver sees it.
layout(local_size_x = 1) in;
layout(binding = 0, std430) buffer Y { uint y[]; };

void main()
{
    uint64_t product = uint64_t(y[0]) * uint64_t(y[1]);
    y[0] = uint(product >> 32);
}
