#version 460
// variants: fp32 fp16
//
// y[b, 0]         = class_embedding + position[0]
// y[b, 1 + p]     = patch p + position[1 + p]
// y[b, 1 + P + k] = latent k + latent_position[k]
//
// Encoder: x ACT[B, P, C] is the patches, constant_tokens fp32[K, C] the latents. Decoder: x ACT[B, K, C] is the latents,
// constant_tokens fp32[C] every patch. y ACT[B, 1 + P + K, C]. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint DECODER = 0;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) readonly buffer ClassEmbedding { float class_embedding[]; };
layout(set = 0, binding = 2) readonly buffer ConstantTokens { float constant_tokens[]; };
layout(set = 0, binding = 3) readonly buffer Position { float position[]; };
layout(set = 0, binding = 4) readonly buffer LatentPosition { float latent_position[]; };
layout(set = 0, binding = 5) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint patches;
    uint latents;
    uint channels;
};

void main()
{
    uint tokens = 1 + patches + latents;
    uint index = line_element();
    if (index >= batch * tokens * channels)
        return;
    uint c = index % channels;
    uint t = index / channels % tokens;
    uint b = index / (channels * tokens);

    float value;
    if (t == 0)
    {
        value = class_embedding[c] + position[c];
    }
    else if (t <= patches)
    {
        float token = DECODER != 0 ? constant_tokens[c] : float(x[(b * patches + t - 1) * channels + c]);
        value = token + position[t * channels + c];
    }
    else
    {
        uint k = t - 1 - patches;
        float token = DECODER != 0 ? float(x[(b * latents + k) * channels + c]) : constant_tokens[k * channels + c];
        value = token + latent_position[k * channels + c];
    }
    y[index] = ACT(value);
}
