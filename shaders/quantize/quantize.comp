#version 460
// variants: none
//
// ids[r] = the first v that minimises |z[r] - codebook[v]|^2, both sides divided by their lengths first with L2_NORM
//
// z fp32[R, D], codebook fp32[V, D], ids u32[R]. One workgroup of 128 a row; invocation i takes entries i, i + 128, …
// fp32 throughout.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

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

shared float best_distances[128];
shared uint best_codes[128];

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

    float best = uintBitsToFloat(0x7F800000u);
    uint best_code = 0;
    for (uint code = lane; code < codes; code += 128)
    {
        uint entry = code * dims;
        float scale = 1.0;
        if (L2_NORM != 0)
        {
            float squares = 0.0;
            for (uint d = 0; d < dims; d++)
                squares += codebook[entry + d] * codebook[entry + d];
            scale = 1.0 / max(sqrt(squares), 1e-12);
        }
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

    best_distances[lane] = best;
    best_codes[lane] = best_code;
    barrier();
    for (uint half_size = 64; half_size > 0; half_size /= 2)
    {
        if (lane < half_size)
        {
            float other = best_distances[lane + half_size];
            uint other_code = best_codes[lane + half_size];
            if (other < best_distances[lane] || (other == best_distances[lane] && other_code < best_codes[lane]))
            {
                best_distances[lane] = other;
                best_codes[lane] = other_code;
            }
        }
        barrier();
    }
    if (lane == 0)
        ids[row] = best_codes[0];
}
