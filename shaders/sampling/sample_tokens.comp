#version 460
// variants: none
//
// candidate = argmax over v of (logit + T * gumbel), the first on ties; confidence = its logit + T * gumbel'
// logit = (cond + (cond - uncond) * guidance) / softmax temperature, or uncond + … with form 1
//
// logits fp32[B or 2B, K, V] (conditional rows first), ids u32[B, K] (V is the mask), state u32[4] (the step), settings
// StepSettings[steps], seeds u32[B, 2], candidates u32[B, K]: V where no logit is a finite number, at the lowest
// confidence; confidence fp32[B, K]. One workgroup of 128 a position; an invocation takes four tokens at a time, which is
// what one Philox call gives. Known positions keep their token at the highest confidence. fp32 throughout.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/noise.glsl"
#include "../common/extremes.glsl"
#include "step_settings.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Logits { float logits[]; };
layout(set = 0, binding = 1) readonly buffer Ids { uint ids[]; };
layout(set = 0, binding = 2) readonly buffer State { uint state[]; };
layout(set = 0, binding = 3) readonly buffer Settings { StepSettings settings[]; };
layout(set = 0, binding = 4) readonly buffer Seeds { uint seeds[]; };
layout(set = 0, binding = 5) writeonly buffer Candidates { uint candidates[]; };
layout(set = 0, binding = 6) writeonly buffer Confidence { float confidence[]; };

layout(push_constant) uniform Push
{
    uint images;
    uint latents;
    uint codes;
    uint guided;
};

#define IS_BETTER(a, b) ((a) > (b))
#include "../common/arg_best.glsl"

float guided_logit(StepSettings step_settings, uint row, uint code)
{
    precise float logit = logits[row * codes + code];
    if (guided != 0)
    {
        float uncond = logits[(row + images * latents) * codes + code];
        precise float difference = logit - uncond;
        precise float push = difference * step_settings.guidance;
        logit = (step_settings.guidance_form == 0 ? logit : uncond) + push;
    }
    return logit / step_settings.softmax_temperature;
}

void main()
{
    uint row = line_group();
    if (row >= images * latents)
        return;
    uint lane = gl_LocalInvocationID.x;
    uint position = row % latents;
    uint image = row / latents;
    StepSettings step_settings = settings[state[0]];
    uvec2 key = uvec2(seeds[2 * image], seeds[2 * image + 1]);
    float temperature = step_settings.temperature;

    if (ids[row] != codes)
    {
        if (lane == 0)
        {
            candidates[row] = ids[row];
            confidence[row] = HIGHEST;
        }
        return;
    }

    float best = LOWEST;
    uint best_code = codes;
    for (uint block = lane; block * 4 < codes; block += 128)
    {
        uvec4 words = uvec4(0);
        if (temperature != 0.0)
            words = philox(uvec4(block, position, step_settings.step, TOKEN_NOISE), key);
        for (uint w = 0; w < 4 && block * 4 + w < codes; w++)
        {
            uint code = block * 4 + w;
            precise float value = guided_logit(step_settings, row, code);
            if (temperature != 0.0)
            {
                precise float noise = temperature * gumbel(words[w]);
                value = value + noise;
            }
            if (value > best && value < HIGHEST)
            {
                best = value;
                best_code = code;
            }
        }
    }

    find_best(lane, best, best_code);
    if (lane == 0)
    {
        uint code = best_codes[0];
        candidates[row] = code;
        if (code == codes)
        {
            confidence[row] = LOWEST;
            return;
        }
        precise float value = guided_logit(step_settings, row, code);
        if (temperature != 0.0)
        {
            precise float noise = temperature * gumbel(philox(uvec4(0, position, step_settings.step, CONFIDENCE_NOISE), key).x);
            value = value + noise;
        }
        confidence[row] = value;
    }
}
