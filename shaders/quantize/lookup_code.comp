#version 460
// variants: fp32 fp16
//
// y[r, :] = codebook[ids[r], :], divided by its length with L2_NORM
//
// ids u32[R], codebook fp32[V, D], y ACT[R, D]. One row an invocation: entries are short. Ids past the codebook take its
// last entry, so that a masked position reads no foreign memory.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint L2_NORM = 0;

layout(set = 0, binding = 0) readonly buffer Ids { uint ids[]; };
layout(set = 0, binding = 1) readonly buffer Codebook { float codebook[]; };
layout(set = 0, binding = 2) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint dims;
    uint codes;
};

#include "../common/codebook_scale.glsl"

void main()
{
    uint row = line_element();
    if (row >= rows)
        return;
    uint entry = min(ids[row], codes - 1) * dims;
    float scale = codebook_scale(entry, dims);
    for (uint d = 0; d < dims; d++)
        y[row * dims + d] = ACT(codebook[entry + d] * scale);
}
