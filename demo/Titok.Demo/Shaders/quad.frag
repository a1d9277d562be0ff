#version 460
// The colour of a rectangle's pixel, with multiplied alpha: a plain shape, a picture, or part of the overlay.
#extension GL_GOOGLE_include_directive : require
#include "quad.glsl"

layout(set = 0, binding = 1) uniform sampler2DArray pictures;
layout(set = 0, binding = 2) uniform sampler2D overlay;

layout(location = 0) in vec2 position;
layout(location = 1) flat in uint index;
layout(location = 0) out vec4 color;

const float GRAINS = 16.0;             // along a picture's side: whole texels in pictures of 64 and of 256
const float MOST_TEXELS = 96.0;        // along the side of a picture that is shown as the pixels it is made of
const vec3 MASKED = vec3(0.102, 0.118, 0.149); // at its lightest as light as a masked token in the strip

uint hash(uint x)
{
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

float unit(uint x)
{
    return float(hash(x) >> 8) / 16777216.0;
}

// Where to look a picture up. In one of few texels each is a square with edges of one screen pixel, at any scale; a larger
// one is smooth.
vec2 lookup(vec2 uv, vec2 side)
{
    vec2 texels = vec2(textureSize(pictures, 0).xy);
    if (texels.x > MOST_TEXELS)
        return uv;
    vec2 at = uv * texels, seam = floor(at + 0.5);
    return (seam + clamp((at - seam) * max(side / texels, 1.0), -0.5, 0.5)) / texels;
}

// Grain by grain from the layer before to the layer after, and out of the dark as tokens settle.
vec3 picture(Quad quad)
{
    vec2 uv = clamp(position / quad.rect.zw, 0.0, 1.0);
    uvec2 grain = uvec2(min(uv * GRAINS, GRAINS - 1.0));
    uint id = quad.grain + grain.x + grain.y * uint(GRAINS);
    float threshold = unit(id);
    float blend = smoothstep(threshold * 0.6, threshold * 0.6 + 0.4, quad.blend);
    uv = lookup(uv, quad.rect.zw);
    vec3 shown;
    if (blend <= 0.0)
        shown = textureLod(pictures, vec3(uv, quad.from), 0.0).rgb;
    else if (blend >= 1.0)
        shown = textureLod(pictures, vec3(uv, quad.to), 0.0).rgb;
    else
        shown = mix(textureLod(pictures, vec3(uv, quad.from), 0.0).rgb, textureLod(pictures, vec3(uv, quad.to), 0.0).rgb, blend);
    if (quad.settled >= 1.0)
        return shown;
    float settled = smoothstep(threshold * 0.8, threshold * 0.8 + 0.2, quad.settled);
    float shimmer = 0.5 + 0.5 * sin(seconds * 2.4 + 6.2832 * unit(id + 7919u));
    vec3 masked = MASKED * mix(0.5, 1.0, shimmer);
    return mix(masked, shown, mix(0.42 * smoothstep(0.0, 0.3, quad.settled), 1.0, settled));
}

// Pixels outside of a rounded rectangle; negative inside.
float outside(vec2 size, float radius)
{
    vec2 q = abs(position - 0.5 * size) - 0.5 * size + radius;
    return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
}

void main()
{
    Quad quad = quads[index];
    if (quad.kind == OVERLAY)
    {
        color = texelFetch(overlay, ivec2(gl_FragCoord.xy), 0) * quad.fill.a;
        return;
    }
    float away = outside(quad.rect.zw, quad.radius);
    float cover = clamp(0.5 - away, 0.0, 1.0);
    if (cover <= 0.0)
        discard;
    vec4 inside = quad.fill;
    if (quad.kind == PICTURE)
        inside.rgb = picture(quad);
    float rim = quad.edge_width > 0.0 ? clamp(away + quad.edge_width + 0.5, 0.0, 1.0) * quad.edge.a : 0.0;
    vec4 painted = mix(inside, vec4(quad.edge.rgb, max(inside.a, quad.edge.a)), rim);
    color = vec4(painted.rgb, 1.0) * painted.a * cover;
}
