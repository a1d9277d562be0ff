// The activation that ACTIVATION, a specialization constant of the includer, names: 0 none, 1 GELU, 2 tanh.
#include "activation.glsl"

float activate(float value)
{
    if (ACTIVATION == 1)
        value = gelu(value);
    else if (ACTIVATION == 2)
        value = tanh_accurate(value);
    return value;
}

vec4 activate(vec4 value)
{
    [[unroll]] for (uint c = 0; c < 4; c++)
        value[c] = activate(value[c]);
    return value;
}
