#version 460
// variants: fp32 fp16
//
// y[d0, d1, d2, d3] = source[offset + d0 * stride0 + d1 * stride1 + d2 * stride2 + d3 * stride3], zero where the column
// d0 * column_step + d3 is at or past column_limit
//
// source is a tensor as it lies in a file (fp32, fp16 or bf16), read as words so that no 16-bit feature is needed for
// it; y ACT[count]. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint count;
    uint dim1;
    uint dim2;
    uint dim3;
    uint stride0;
    uint stride1;
    uint stride2;
    uint stride3;
    uint source_offset;
    uint column_limit;
    uint column_step;
    uint source_type;
};

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

void main()
{
    uint index = line_element();
    if (index >= count)
        return;
    uint d3 = index % dim3;
    uint d2 = index / dim3 % dim2;
    uint d1 = index / (dim3 * dim2) % dim1;
    uint d0 = index / (dim3 * dim2 * dim1);
    float value = 0.0;
    if (column_step == 0 || d0 * column_step + d3 < column_limit)
        value = read_source(source_offset + d0 * stride0 + d1 * stride1 + d2 * stride2 + d3 * stride3);
    y[index] = ACT(value);
}
