#version 460
// variants: fp32 fp16
//
// y[r, 0]     = word[class of r] + position[0] (+ type)
// y[r, 1 + k] = word[ids[r mod B, k]] + position[1 + k] (+ type)
//
// Rows from B on are the unconditional half of guidance: their class is the dropped one. ids u32[B, K], classes u32[B],
// word fp32[vocabulary, C], position fp32[1 + K, C], type fp32[C], y ACT[R, 1 + K, C]. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint HAS_TYPE = 0;

layout(set = 0, binding = 0) readonly buffer Ids { uint ids[]; };
layout(set = 0, binding = 1) readonly buffer Classes { uint classes[]; };
layout(set = 0, binding = 2) readonly buffer Word { float word[]; };
layout(set = 0, binding = 3) readonly buffer Position { float position[]; };
layout(set = 0, binding = 4) readonly buffer Type { float type[]; };
layout(set = 0, binding = 5) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint images;
    uint latents;
    uint channels;
    uint class_offset;
    uint dropped_id;
    uint rows;
};

void main()
{
    uint tokens = 1 + latents;
    uint index = line_element();
    if (index >= rows * tokens * channels)
        return;
    uint c = index % channels;
    uint t = index / channels % tokens;
    uint r = index / (channels * tokens);

    uint id;
    if (t > 0)
        id = ids[r % images * latents + t - 1];
    else
        id = r < images ? class_offset + classes[r] : dropped_id;
    float value = word[id * channels + c] + position[t * channels + c];
    if (HAS_TYPE != 0)
        value += type[c];
    y[index] = ACT(value);
}
