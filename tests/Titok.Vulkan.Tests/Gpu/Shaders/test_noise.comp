#version 460
// Compiled by build.sh beside it.
//
// words[4i + w] = word w of Philox for counter (i, position, step, stream), samples[4i + w] = its Gumbel noise
#extension GL_GOOGLE_include_directive : require
#include "../../../../shaders/common/noise.glsl"

layout(local_size_x = 64) in;

layout(set = 0, binding = 0) writeonly buffer Words { uint words[]; };
layout(set = 0, binding = 1) writeonly buffer Samples { float samples[]; };

layout(push_constant) uniform Push
{
    uint count;
    uint position;
    uint step;
    uint stream;
    uint seed_low;
    uint seed_high;
};

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i >= count)
        return;
    uvec4 drawn = philox(uvec4(i, position, step, stream), uvec2(seed_low, seed_high));
    for (uint w = 0; w < 4; w++)
    {
        words[4 * i + w] = drawn[w];
        samples[4 * i + w] = gumbel(drawn[w]);
    }
}
