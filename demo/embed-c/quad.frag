#version 450
layout(set = 0, binding = 0) uniform sampler2D picture;
layout(location = 0) in vec2 uv;
layout(location = 0) out vec4 colour;

void main()
{
    // The back of the quad shows the picture as well, as a mirror would.
    colour = texture(picture, uv);
}
