#version 460
// variants: fp32 fp16
//
// y = (x - mean) * scale * weight + bias, then y * sigmoid(y) with SILU
//
// As group_norm_apply, four channels an invocation and an image a layer of workgroups (z). x and y ACT[B, P, C],
// statistics fp32[B, G, 2], weight and bias fp32[C]. Groups are of whole fours of channels.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint SILU = 0;
layout(constant_id = 1) const uint CHANNELS = 128;
layout(constant_id = 2) const uint GROUPS = 32;

layout(set = 0, binding = 0) readonly buffer X { ROW_QUAD x[]; };
layout(set = 0, binding = 1) readonly buffer Statistics { vec2 statistics[]; };
layout(set = 0, binding = 2) readonly buffer Weight { vec4 weight[]; };
layout(set = 0, binding = 3) readonly buffer Bias { vec4 bias[]; };
layout(set = 0, binding = 4) writeonly buffer Out { ROW_QUAD y[]; };

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
    vec2 group = statistics[gl_WorkGroupID.z * GROUPS + c_quad / (QUADS / GROUPS)];
    uint at = gl_WorkGroupID.z * pixels * QUADS + quad;
    vec4 value = (unpack_row_quad(x[at]) - group.x) * group.y * weight[c_quad] + bias[c_quad];
    if (SILU != 0)
        value = value / (1.0 + exp(-value));
    y[at] = pack_row_quad(value);
}
