#version 460
// variants: fp32 fp16
//
// y[d0, d1, d2, d3] = source[offset + d0 * stride0 + d1 * stride1 + d2 * stride2 + d3 * stride3], zero where the column
// d0 * column_step + d3 is at or past column_limit; times scale[d1] where there is one
//
// source is a tensor as it lies in a file (fp32, fp16 or bf16), read as words so that no 16-bit feature is needed for
// it; y ACT[count]. An invocation makes 16 neighbouring elements, a panel's row: d0, d1 and d2 are the same for all of
// them, since d3 counts to a multiple of 16 or is the only axis.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };
layout(set = 0, binding = 2) readonly buffer Scale { float scale[]; };

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
    uint has_scale;
    uint scale_offset;
};

#include "../common/weight_source.glsl"

const uint RUN = 16;

void main()
{
    uint first = line_element() * RUN;
    if (first >= count)
        return;
    uint d3 = first % dim3;
    uint d2 = first / dim3 % dim2;
    uint d1 = first / (dim3 * dim2) % dim1;
    uint d0 = first / (dim3 * dim2 * dim1);
    uint source_at = source_offset + d0 * stride0 + d1 * stride1 + d2 * stride2;
    uint end = min(RUN, count - first);
    float factor = has_scale != 0 ? scale[scale_offset + d1] : 1.0;
    for (uint i = 0; i < end; i++)
    {
        float value = 0.0;
        if (column_step == 0 || d0 * column_step + d3 + i < column_limit)
            value = read_source(source_at + (d3 + i) * stride3) * factor;
        y[first + i] = ACT(value);
    }
}
