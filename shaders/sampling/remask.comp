#version 460
// variants: none
//
// Of the positions still masked, those whose confidence is at most the remask_count-th smallest are masked again; the others
// take their candidate. remask_count is at least 1 and less than the number of masked positions where it can be; in the last
// step nothing is masked again.
//
// candidates u32[B, K], confidence fp32[B, K] (HIGHEST where known), ids u32[B, K] in and out (V is the mask), state
// u32[4] (the step), settings StepSettings[steps], history u32[steps, B, K]. One workgroup of 128 an image; K <= 1024.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "step_settings.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Candidates { uint candidates[]; };
layout(set = 0, binding = 1) readonly buffer Confidence { float confidence[]; };
layout(set = 0, binding = 2) buffer Ids { uint ids[]; };
layout(set = 0, binding = 3) readonly buffer State { uint state[]; };
layout(set = 0, binding = 4) readonly buffer Settings { StepSettings settings[]; };
layout(set = 0, binding = 5) writeonly buffer History { uint history[]; };

layout(push_constant) uniform Push
{
    uint images;
    uint latents;
    uint codes;
};

const uint MAX_LATENTS = 1024;

shared float values[MAX_LATENTS];
shared uint masked_count;
shared float threshold;

void main()
{
    uint image = line_group();
    if (image >= images)
        return;
    uint lane = gl_LocalInvocationID.x;
    uint first = image * latents;
    uint step_index = state[0];
    StepSettings step_settings = settings[step_index];

    if (lane == 0)
        masked_count = 0;
    barrier();
    for (uint k = lane; k < latents; k += 128)
    {
        values[k] = confidence[first + k];
        if (ids[first + k] == codes)
            atomicAdd(masked_count, 1);
    }
    barrier();

    uint remask_count = max(1, min(max(masked_count, 1) - 1, step_settings.mask_count));
    for (uint k = lane; k < latents; k += 128)
    {
        uint rank = 0;
        for (uint other = 0; other < latents; other++)
        {
            if (values[other] < values[k] || (values[other] == values[k] && other < k))
                rank++;
        }
        if (rank == remask_count - 1)
            threshold = values[k];
    }
    barrier();

    for (uint k = lane; k < latents; k += 128)
    {
        bool again = step_settings.last == 0 && ids[first + k] == codes && values[k] <= threshold;
        uint id = again ? codes : candidates[first + k];
        ids[first + k] = id;
        history[(step_index * images + image) * latents + k] = id;
    }
}
