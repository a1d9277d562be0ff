#version 460
// variants: none
//
// factors[b, 0, c] = mean of the channel's group, factors[b, 1, c] = weight[c] / sqrt(variance of it + epsilon)
//
// From the pieces partial[b, :, :]: (mean, sum of squares of the centred values) fp32[B, chunks, parts, 2], of one group
// each, as group_norm_partial leaves them, or of less, as winograd_output does. weight fp32[C], factors fp32[B, 2, C]. One
// workgroup of 32 a group of an image.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 32) in;

layout(set = 0, binding = 0) readonly buffer Partial { vec2 partial[]; };
layout(set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 2) writeonly buffer Factors { float factors[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint pixels;
    uint channels;
    uint groups;
    uint chunk_pixels;
    uint chunks;
    uint parts;
    float epsilon;
};

#define REDUCE_SIZE 32
#include "../common/reduce.glsl"

float count_of(uint chunk)
{
    return float((min((chunk + 1) * chunk_pixels, pixels) - chunk * chunk_pixels) * (channels / parts));
}

void main()
{
    uint index = line_group();
    if (index >= batch * groups)
        return;
    uint image = index / groups, group = index % groups;
    uint group_parts = parts / groups, group_channels = channels / groups;
    uint first = image * chunks * parts + group * group_parts;
    float count = float(pixels) * float(group_channels);

    float weighted = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < chunks * group_parts; i += REDUCE_SIZE)
        weighted += partial[first + i / group_parts * parts + i % group_parts].x * count_of(i / group_parts);
    float mean = reduce_sum(weighted) / count;

    float squares = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < chunks * group_parts; i += REDUCE_SIZE)
    {
        vec2 part = partial[first + i / group_parts * parts + i % group_parts];
        squares += part.y + count_of(i / group_parts) * (part.x - mean) * (part.x - mean);
    }
    float scale = 1.0 / sqrt(reduce_sum(squares) / count + epsilon);
    for (uint i = gl_LocalInvocationID.x; i < group_channels; i += REDUCE_SIZE)
    {
        uint c = group * group_channels + i;
        factors[2 * image * channels + c] = mean;
        factors[(2 * image + 1) * channels + c] = scale * weight[c];
    }
}
