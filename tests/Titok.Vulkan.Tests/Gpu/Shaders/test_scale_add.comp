#version 460
// y[i] = FACTOR * x[i] + addend for i < count. For tests of the Gpu room only.
// Invocation i owns element i; the grid is one-dimensional.
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint FACTOR = 1;
layout(binding = 0, std430) readonly buffer X { uint x[]; };
layout(binding = 1, std430) buffer Y { uint y[]; };
layout(push_constant) uniform Push { uint count; uint addend; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i < count)
        y[i] = FACTOR * x[i] + addend;
}
