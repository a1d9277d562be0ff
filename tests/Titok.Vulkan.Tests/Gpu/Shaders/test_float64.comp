#version 460
// Needs shaderFloat64, which the library never turns on: such a shader must be refused before a driver sees it.
layout(local_size_x = 1) in;
layout(binding = 0, std430) buffer Y { float y[]; };

void main()
{
    double product = double(y[0]) * double(y[1]);
    y[0] = float(product);
}
