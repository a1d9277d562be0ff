#version 450
// A quad of two triangles that turns around the y axis, seen in perspective. No vertex buffer: six indices say all.
layout(push_constant) uniform Push { float angle; };
layout(location = 0) out vec2 uv;

void main()
{
    const vec2 corners[6] = vec2[](vec2(0, 0), vec2(1, 0), vec2(0, 1), vec2(0, 1), vec2(1, 0), vec2(1, 1));
    uv = corners[gl_VertexIndex];
    vec2 flat_corner = (uv * 2.0 - 1.0) * 0.8;
    float depth = 3.0 + flat_corner.x * sin(angle);
    gl_Position = vec4(flat_corner.x * cos(angle) * 3.0, flat_corner.y * 3.0, 0.0, depth);
}
