#version 460
// variants: fp32 fp16
//
// partial[b, chunk, g] = (mean, sum of squares of the centred values) of x[b, pixels of the chunk, channels of group g]
//
// x ACT[B, P, C], partial fp32[B, chunks, G, 2]. A workgroup of 128 takes a chunk of pixels of one image (z): 128 / (C/4)
// pixels at a time, four channels an invocation. It is read once: sums and squares are of differences from one of the
// invocation's own n values, whose square is at most n times their variance, which bounds what cancels. Parts are then put
// together by their means and counts. Groups are of whole fours of channels, and C/4 divides 128.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint CHANNELS = 128;
layout(constant_id = 1) const uint GROUPS = 32;

layout(set = 0, binding = 0) readonly buffer X { ROW_QUAD x[]; };
layout(set = 0, binding = 1) writeonly buffer Partial { vec2 partial[]; };

layout(push_constant) uniform Push
{
    uint pixels;
    uint chunk_pixels;
    uint chunks;
};

const uint SIZE = 128;
const uint QUADS = CHANNELS / 4;
const uint STEP = SIZE / QUADS;
const uint GROUP_QUADS = QUADS / GROUPS;

shared vec3 parts[SIZE];

void main()
{
    uint chunk = gl_WorkGroupID.x, image = gl_WorkGroupID.z;
    uint lane = gl_LocalInvocationID.x;
    uint first = chunk * chunk_pixels + lane / QUADS, end = min((chunk + 1) * chunk_pixels, pixels);
    uint at = image * pixels * QUADS + lane % QUADS;

    vec4 sum = vec4(0.0), squares = vec4(0.0);
    float near = first < end ? unpack_row_quad(x[at + first * QUADS]).x : 0.0;
    for (uint p = first; p < end; p += STEP)
    {
        vec4 difference = unpack_row_quad(x[at + p * QUADS]) - near;
        sum += difference;
        squares += difference * difference;
    }
    float count = first < end ? float((end - first + STEP - 1) / STEP * 4) : 0.0;
    float shift = (sum.x + sum.y + sum.z + sum.w) / max(count, 1.0);
    parts[lane] = vec3(near + shift, max(squares.x + squares.y + squares.z + squares.w - count * shift * shift, 0.0), count);
    barrier();

    if (lane >= GROUPS)
        return;
    float total = 0.0, weighted = 0.0;
    for (uint i = 0; i < STEP * GROUP_QUADS; i++)
    {
        vec3 part = parts[i / GROUP_QUADS * QUADS + lane * GROUP_QUADS + i % GROUP_QUADS];
        total += part.z;
        weighted += part.x * part.z;
    }
    float group_mean = weighted / total, group_squares = 0.0;
    for (uint i = 0; i < STEP * GROUP_QUADS; i++)
    {
        vec3 part = parts[i / GROUP_QUADS * QUADS + lane * GROUP_QUADS + i % GROUP_QUADS];
        group_squares += part.y + part.z * (part.x - group_mean) * (part.x - group_mean);
    }
    partial[(image * chunks + chunk) * GROUPS + lane] = vec2(group_mean, group_squares);
}
