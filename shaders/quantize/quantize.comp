#version 460
// variants: none
//
// ids[r] = the first v that minimises |z[r] - codebook[v]|^2, both sides divided by their lengths first with L2_NORM
//
// z fp32[R, D], codebook fp32[V, D], ids u32[R]: V where no distance is a finite number. One workgroup of 128 a row;
// invocation i takes entries i, i + 128, … fp32 throughout.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/extremes.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint L2_NORM = 0;

layout(set = 0, binding = 0) readonly buffer Z { float z[]; };
layout(set = 0, binding = 1) readonly buffer Codebook { float codebook[]; };
layout(set = 0, binding = 2) writeonly buffer Ids { uint ids[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint dims;
    uint codes;
};

#define IS_BETTER(a, b) ((a) < (b))
#include "../common/arg_best.glsl"
#include "../common/codebook_scale.glsl"

void main()
{
    uint row = line_group();
    if (row >= rows)
        return;
    uint lane = gl_LocalInvocationID.x;
    uint first = row * dims;

    float z_scale = 1.0;
    if (L2_NORM != 0)
    {
        float squares = 0.0;
        for (uint d = 0; d < dims; d++)
            squares += z[first + d] * z[first + d];
        z_scale = 1.0 / max(sqrt(squares), 1e-12);
    }

    float best = HIGHEST;
    uint best_code = codes;
    for (uint code = lane; code < codes; code += 128)
    {
        uint entry = code * dims;
        float scale = codebook_scale(entry, dims);
        float distance_squared = 0.0;
        for (uint d = 0; d < dims; d++)
        {
            float difference = z[first + d] * z_scale - codebook[entry + d] * scale;
            distance_squared += difference * difference;
        }
        if (distance_squared < best)
        {
            best = distance_squared;
            best_code = code;
        }
    }

    find_best(lane, best, best_code);
    if (lane == 0)
        ids[row] = best_codes[0];
}
