#version 460
// Six corners of rectangle gl_InstanceIndex, grown by a pixel for its soft rim.
#extension GL_GOOGLE_include_directive : require
#include "quad.glsl"

layout(location = 0) out vec2 position; // pixels from the rectangle's top left
layout(location = 1) flat out uint index;

const vec2 corners[6] = vec2[](vec2(0, 0), vec2(1, 0), vec2(0, 1), vec2(0, 1), vec2(1, 0), vec2(1, 1));

void main()
{
    index = gl_InstanceIndex;
    vec4 rect = quads[index].rect;
    vec2 corner = corners[gl_VertexIndex];
    position = corner * rect.zw + (corner * 2.0 - 1.0);
    gl_Position = vec4((rect.xy + position) / vec2(width, height) * 2.0 - 1.0, 0.0, 1.0);
}
