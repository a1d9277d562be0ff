#version 460
// variants: fp32 fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// As conv3x3, for CPU drivers that load for every lane apart. A workgroup of one subgroup of 8 makes 8 pixels x 32
// channels: a lane owns four channels, and loads for one of the pixels. Tiles of pixels go along x. fp32 sums. C is a
// multiple of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/quads.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint UPSAMPLE = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;

layout(set = 0, binding = 0) readonly buffer X { QUAD x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { QUAD weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { ACT residual[]; };
layout(set = 0, binding = 4) writeonly buffer Out { Y y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint height;
    uint width;
    uint in_channels;
    uint out_channels;
};

#include "../common/gemm_lanes.glsl"
#include "../common/conv_epilogue.glsl"

void main()
{
    uint first_pixel = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint pixels = batch * height * width;
    uint scale = UPSAMPLE != 0 ? 2 : 1;
    uint quads = in_channels / 4;

    uint pixel = min(first_pixel + gl_SubgroupInvocationID, pixels - 1);
    int column = int(pixel % width), row = int(pixel / width % height);
    uint image = pixel / (width * height);
    uint panel_quad = lane_panel_quad(gl_WorkGroupID.y, 9 * in_channels, out_channels);
    clear_sums();
    // Loops are tested at their ends: such a driver runs on to the end of a loop that it leaves in its middle.
    int tap = 0;
    do
    {
        int tap_row = row + tap / 3 - 1, tap_column = column + tap % 3 - 1;
        bool inside = tap_row >= 0 && tap_row < int(height) && tap_column >= 0 && tap_column < int(width);
        uint source = (image * (height / scale) + uint(tap_row) / scale) * (width / scale) + uint(tap_column) / scale;
        uint x_quad = inside ? source * quads : 0;
        uint quad = 0;
        do
        {
            vec4 values = unpack_quad(x[x_quad + quad]);
            multiply_quad(mix(vec4(0.0), values, bvec4(inside)), panel_quad);
            panel_quad += 4 * PANEL_QUADS;
            quad++;
        } while (quad < quads);
        tap++;
    } while (tap < 9);

    uint first_n = gl_WorkGroupID.y * TILE_COLUMNS + gl_SubgroupInvocationID * 4;
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        [[unroll]] for (uint j = 0; j < 4; j++)
        {
            if (first_pixel + i < pixels && first_n + j < out_channels)
                store(first_pixel + i, first_n + j, sums[i][j]);
        }
    }
}
