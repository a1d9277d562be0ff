#version 460
// variants: fp32 fp16
//
// y = (x - factors[b, 0, c]) * factors[b, 1, c] + bias[c], then y * sigmoid(y) with SILU
//
// As group_norm_apply, four channels an invocation, an image a layer of workgroups (z). C is a multiple of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"
#include "../common/activation.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint SILU = 0;
layout(constant_id = 1) const uint CHANNELS = 128;

layout(set = 0, binding = 0) readonly buffer X { ROW_QUAD x[]; };
layout(set = 0, binding = 1) readonly buffer Factors { vec4 factors[]; };
layout(set = 0, binding = 2) readonly buffer Bias { vec4 bias[]; };
layout(set = 0, binding = 3) writeonly buffer Out { ROW_QUAD y[]; };

layout(push_constant) uniform Push
{
    uint pixels;
};

void main()
{
    const uint QUADS = CHANNELS / 4;
    uint quad = line_element();
    if (quad >= pixels * QUADS)
        return;
    uint c_quad = quad % QUADS;
    uint mean = 2 * gl_WorkGroupID.z * QUADS + c_quad;
    uint at = gl_WorkGroupID.z * pixels * QUADS + quad;
    vec4 value = (unpack_row_quad(x[at]) - factors[mean]) * factors[mean + QUADS] + bias[c_quad];
    if (SILU != 0)
        value = silu(value);
    y[at] = pack_row_quad(value);
}
