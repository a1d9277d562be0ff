#version 460
// variants: fp32
//
// y[p, panel, (ky, c), n] = sum over kx of G[p, kx] * w[16 * panel + n, c, ky, kx]
//
// The weight of a 3x3 convolution at the six points of its transform along the rows (winograd): w[N, C, 3, 3] as it lies
// in a file, y in panels of 16, zero past N. An invocation makes a panel's row of 16.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) writeonly buffer Out { float y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint channels;
    uint panels;
    uint source_offset;
    uint source_type;
};

#include "../common/weight_source.glsl"

const vec3 G[6] = vec3[](
    vec3(1.0 / 4.0, 0.0, 0.0), vec3(-1.0 / 6.0), vec3(-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0),
    vec3(1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0), vec3(1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0), vec3(0.0, 0.0, 1.0));

void main()
{
    uint index = line_element();
    if (index >= 6 * panels * 3 * channels)
        return;
    uint c = index % channels;
    uint ky = index / channels % 3;
    uint panel = index / (3 * channels) % panels;
    vec3 factors = G[index / (3 * channels * panels)];
    for (uint i = 0; i < 16; i++)
    {
        uint n = panel * 16 + i;
        float value = 0.0;
        if (n < rows)
        {
            uint at = source_offset + (n * channels + c) * 9 + ky * 3;
            value = dot(factors, vec3(read_source(at), read_source(at + 1), read_source(at + 2)));
        }
        y[index * 16 + i] = value;
    }
}
