#version 460
// variants: none
//
// y = mean + exp(log_variance / 2) * noise, or the mean without SAMPLE
//
// parameters fp32[B * K, 2C] (mean, then log-variance, which is clamped to -30..20), seeds u32[B, 2] (low, high half),
// y fp32[B * K, C]. Noise: counter (2c / 4, k, 0, LATENT_NOISE), words 2c and 2c + 1 by Box and Muller. One element an
// invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/noise.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint SAMPLE = 0;

layout(set = 0, binding = 0) readonly buffer Parameters { float parameters[]; };
layout(set = 0, binding = 1) readonly buffer Seeds { uint seeds[]; };
layout(set = 0, binding = 2) writeonly buffer Out { float y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint latents;
    uint channels;
};

void main()
{
    uint index = line_element();
    if (index >= rows * channels)
        return;
    uint c = index % channels;
    uint row = index / channels;
    float value = parameters[row * 2 * channels + c];
    if (SAMPLE != 0)
    {
        uint image = row / latents;
        uvec4 words = philox(uvec4(c / 2, row % latents, 0, LATENT_NOISE), uvec2(seeds[2 * image], seeds[2 * image + 1]));
        uvec2 pair = (c & 1) == 0 ? words.xy : words.zw;
        float noise = sqrt(-2.0 * log_exact(uniform_open(pair.x))) * cos_turns(uniform_open(pair.y));
        float log_variance = clamp(parameters[(row * 2 + 1) * channels + c], -30.0, 20.0);
        value += exp(0.5 * log_variance) * noise;
    }
    y[index] = value;
}
