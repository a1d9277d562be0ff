#version 460
// variants: fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// As conv3x3, by cooperative matrices: fp16 x fp16, added up in fp32. An implicit GEMM whose rows are pixels and whose k
// is (ky, kx, c); who owns what is told in matrix_tile. x fp16[B, H, W, C] or, with UPSAMPLE, [B, H/2, W/2, C]; weight
// fp16 in panels. C, a specialization constant so that dividing by it is a shift, is a multiple of 8.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/eights.glsl"

layout(constant_id = 0) const uint UPSAMPLE = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
#include "../common/matrix_constants.glsl"
layout(constant_id = 14) const uint IN_CHANNELS = 128;
const uint NORM_INPUT = 0;

layout(set = 0, binding = 0) readonly buffer X { uvec4 x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { uvec4 weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { uvec4 residual[]; };
layout(set = 0, binding = 3) readonly buffer ResidualScalar { ACT residual_scalar[]; };
#ifdef Y_FP32
layout(set = 0, binding = 4) writeonly buffer Out { vec4 y[]; };
#else
layout(set = 0, binding = 4) writeonly buffer Out { uvec4 y[]; };
#endif
layout(set = 0, binding = 4) writeonly buffer OutScalar { Y y_scalar[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint height;
    uint width;
    uint in_channels;
    uint out_channels;
};

#include "../common/matrix_tile.glsl"
#include "../common/matrix_output.glsl"

// Of the pixels that this invocation loads for: row and column, and the first row of pixels of their picture in x. A
// pixel past the end has a row that no tap brings into the picture.
int pixel_row[X_LOADS], pixel_column[X_LOADS];
uint picture_row[X_LOADS];

uvec4 load_x(uint i, uint row, uint k_quad)
{
    uint tap = k_quad / (IN_CHANNELS / 8), c_quad = k_quad % (IN_CHANNELS / 8);
    int tap_row = pixel_row[i] + int(tap / 3) - 1, tap_column = pixel_column[i] + int(tap % 3) - 1;
    if (tap_row < 0 || tap_row >= int(height) || tap_column < 0 || tap_column >= int(width))
        return uvec4(0);
    const uint SCALE = UPSAMPLE != 0 ? 2 : 1;
    uint source = (picture_row[i] + uint(tap_row) / SCALE) * (width / SCALE) + uint(tap_column) / SCALE;
    return x[source * (IN_CHANNELS / 8) + c_quad];
}

void store_eight(uint pixel, uint n, vec4 low, vec4 high)
{
    if (pixel >= batch * height * width || n >= out_channels)
        return;
    if (HAS_BIAS != 0)
    {
        [[unroll]] for (uint c = 0; c < 4; c++)
        {
            low[c] += bias[min(n + c, out_channels - 1)];
            high[c] += bias[min(n + 4 + c, out_channels - 1)];
        }
    }
    vec4 a = vec4(0.0), b = vec4(0.0);
    if (HAS_RESIDUAL != 0)
        load_residual(pixel, n, out_channels, a, b);
    store_output(pixel, n, out_channels, low + a, high + b);
}

void main()
{
    uint first_pixel = (gl_WorkGroupID.y + gl_WorkGroupID.z * gl_NumWorkGroups.y) * BLOCK_M;
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        uint pixel = first_pixel + loaded_row(i);
        pixel_row[i] = pixel < batch * height * width ? int(pixel / width % height) : -2;
        pixel_column[i] = int(pixel % width);
        picture_row[i] = pixel / (width * height) * (height / (UPSAMPLE != 0 ? 2 : 1));
    }
    multiply_block(first_pixel, gl_WorkGroupID.x * BLOCK_N, 9 * IN_CHANNELS, out_channels, 0.0);
}
