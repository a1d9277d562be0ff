// The activation that ACTIVATION, a specialization constant of the includer, names: 0 none, 1 GELU, 2 tanh.
#include "activation.glsl"

vec4 activate(vec4 value)
{
    [[unroll]] for (uint c = 0; c < 4; c++)
    {
        if (ACTIVATION == 1)
            value[c] = gelu(value[c]);
        else if (ACTIVATION == 2)
            value[c] = tanh_accurate(value[c]);
    }
    return value;
}
