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
#include "../common/conv_taps.glsl"
#include "../common/conv_epilogue.glsl"

void main()
{
    uint first_pixel = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint pixels = source_pixels();
    uint quads = in_channels / 4;
    // Phases stand side by side along y, as their panels do in the weight.
    uint column_tiles = gl_NumWorkGroups.y / PHASES;
    uint phase = gl_WorkGroupID.y / column_tiles, column_tile = gl_WorkGroupID.y % column_tiles;

    uint pixel = min(first_pixel + gl_SubgroupInvocationID, pixels - 1);
    int column = int(pixel % source_width()), row = int(pixel / source_width() % source_height());
    uint image = pixel / (source_width() * source_height());
    uint inner = TAPS * TAPS * in_channels;
    uint panel_quad = phase * ((out_channels + 15) / 16) * inner * PANEL_QUADS + lane_panel_quad(column_tile, inner, out_channels);
    clear_sums();
    // Loops are tested at their ends: such a driver runs on to the end of a loop that it leaves in its middle.
    uint tap = 0;
    do
    {
        ivec2 at = ivec2(row, column) + tap_offset(tap, phase);
        bool inside = is_inside(at);
        uint x_quad = inside ? source_pixel(image, at) * quads : 0;
        uint quad = 0;
        do
        {
            vec4 values = unpack_quad(x[x_quad + quad]);
            multiply_quad(mix(vec4(0.0), values, bvec4(inside)), panel_quad);
            panel_quad += 4 * PANEL_QUADS;
            quad++;
        } while (quad < quads);
        tap++;
    } while (tap < TAPS * TAPS);

    uint first_n = column_tile * TILE_COLUMNS + gl_SubgroupInvocationID * 4;
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        [[unroll]] for (uint j = 0; j < 4; j++)
        {
            if (first_pixel + i < pixels && first_n + j < out_channels)
                store(output_pixel(first_pixel + i, phase), first_n + j, sums[i][j]);
        }
    }
}
