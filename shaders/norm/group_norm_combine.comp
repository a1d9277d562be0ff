#version 460
// variants: none
//
// statistics[b, g] = (mean, 1 / sqrt(variance + epsilon)) of the pieces partial[b, :, g]
//
// partial fp32[B, chunks, G, 2] as group_norm_partial leaves it, statistics fp32[B, G, 2]. One workgroup of 32 a group of
// an image.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 32) in;

layout(set = 0, binding = 0) readonly buffer Partial { vec2 partial[]; };
layout(set = 0, binding = 1) writeonly buffer Statistics { float statistics[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint pixels;
    uint channels;
    uint groups;
    uint chunk_pixels;
    uint chunks;
    float epsilon;
};

#define REDUCE_SIZE 32
#include "../common/reduce.glsl"

float count_of(uint chunk)
{
    return float((min((chunk + 1) * chunk_pixels, pixels) - chunk * chunk_pixels) * (channels / groups));
}

void main()
{
    uint index = line_group();
    if (index >= batch * groups)
        return;
    uint first = index / groups * chunks * groups + index % groups;
    float count = float(pixels) * float(channels / groups);

    float weighted = 0.0;
    for (uint chunk = gl_LocalInvocationID.x; chunk < chunks; chunk += REDUCE_SIZE)
        weighted += partial[first + chunk * groups].x * count_of(chunk);
    float mean = reduce_sum(weighted) / count;

    float squares = 0.0;
    for (uint chunk = gl_LocalInvocationID.x; chunk < chunks; chunk += REDUCE_SIZE)
    {
        vec2 part = partial[first + chunk * groups];
        squares += part.y + count_of(chunk) * (part.x - mean) * (part.x - mean);
    }
    float variance = reduce_sum(squares) / count;
    if (gl_LocalInvocationID.x == 0)
    {
        statistics[2 * index] = mean;
        statistics[2 * index + 1] = 1.0 / sqrt(variance + epsilon);
    }
}
