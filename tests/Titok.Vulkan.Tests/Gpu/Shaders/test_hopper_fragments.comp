#version 460
// In place of weight_fragments on a device that emulates a Hopper GPU: fragments as such a GPU's subgroups hold them, in the order of
// its warpgroup instruction. An invocation has columns i / 4 and the eighth behind it, of each two k from i % 4 * 2 on and the two
// eight behind them: (k, k + 1) of the first column, of the second, and the same of the later k.
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint INVOCATIONS = 32;

layout(binding = 0, std430) readonly buffer Panels { uint panels[]; };
layout(binding = 1, std430) writeonly buffer Fragments { uint fragments[]; };

layout(push_constant) uniform Push
{
    uint blocks;
};

// Words of 16 x 16 halves, of which a row has 8.
const uint WORDS = 128;
shared uint block[WORDS];

uint element(uint k, uint column)
{
    return block[k * 8 + column / 2] >> (column % 2 * 16) & 0xffff;
}

void main()
{
    uint first = (gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x) * WORDS;
    if (first >= blocks * WORDS)
        return;
    uint lane = gl_LocalInvocationID.x;
    for (uint i = lane; i < WORDS; i += INVOCATIONS)
        block[i] = panels[first + i];
    barrier();
    for (uint pair = 0; pair < 4; pair++)
    {
        uint k = lane % 4 * 2 + pair / 2 * 8, column = lane / 4 + pair % 2 * 8;
        fragments[first + lane * 4 + pair] = element(k, column) | element(k + 1, column) << 16;
    }
}
