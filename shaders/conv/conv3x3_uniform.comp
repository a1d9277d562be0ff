#version 460
// variants: fp32 fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// As conv3x3, for CPU drivers that load uniform addresses as scalars. x, weight and zeros[3C] are read by address; a tap
// outside the picture reads the zeros. A workgroup of one subgroup of 8 makes 6 pixels x 16 channels; tiles of
// pixels go along x. fp32 sums. C is a multiple of 4 * UNROLL_QUADS.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint UPSAMPLE = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
layout(constant_id = 3) const uint UNROLL_QUADS = 1;

#include "../common/gemm_uniform.glsl"

layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { ACT residual[]; };
layout(set = 0, binding = 4) writeonly buffer Out { Y y[]; };

layout(push_constant) uniform Push
{
    uint64_t x;
    uint64_t weight;
    uint64_t zeros;
    uint batch;
    uint height;
    uint width;
    uint in_channels;
    uint out_channels;
};

#include "../common/conv_taps.glsl"
#include "../common/conv_epilogue.glsl"

void main()
{
    uint first_pixel = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint pixels = source_pixels();
    // Phases stand side by side along y, as their panels do in the weight.
    uint panels = gl_NumWorkGroups.y / PHASES;
    uint phase = gl_WorkGroupID.y / panels, panel = gl_WorkGroupID.y % panels;

    int row[TILE_ROWS], column[TILE_ROWS];
    uint image[TILE_ROWS];
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        uint pixel = min(first_pixel + i, pixels - 1);
        column[i] = int(pixel % source_width());
        row[i] = int(pixel / source_width() % source_height());
        image[i] = pixel / (source_width() * source_height());
    }

    clear_sums();
    uint64_t panel_at = weight + uint64_t(gl_WorkGroupID.y) * (TAPS * TAPS * in_channels * PANEL_WIDTH * ELEMENT_SIZE);
    // Neighbouring taps of a row lie side by side in x and in the weight: where they are all inside the picture, for all
    // pixels, they are one long run.
    int first_column = tap_offset(0, phase).y;
    bool inner = true;
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        inner = inner && column[i] + first_column >= 0 && column[i] + first_column + int(TAPS) <= int(source_width());
    uint run = inner ? TAPS : 1;
    // Tested at its end, as the driver would run the loop once more with all lanes masked.
    uint tap = 0;
    do
    {
        uint64_t rows_at[TILE_ROWS];
        ivec2 offset = tap_offset(tap, phase);
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        {
            ivec2 at = ivec2(row[i], column[i]) + offset;
            bool inside = at.x >= 0 && at.x < int(source_height()) && at.y >= 0 && at.y < int(source_width());
            uint source = (image[i] * source_height() + uint(at.x)) * source_width() + uint(at.y);
            rows_at[i] = inside ? x + uint64_t(source) * (in_channels * ELEMENT_SIZE) : zeros;
        }
        multiply_rows(rows_at, panel_at + tap * in_channels * PANEL_WIDTH * ELEMENT_SIZE, run * in_channels);
        tap += run;
    } while (tap < TAPS * TAPS);

    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        [[unroll]] for (uint j = 0; j < 2; j++)
        {
            uint n = panel * PANEL_WIDTH + panel_column(j);
            if (first_pixel + i < pixels && n < out_channels)
                store(output_pixel(first_pixel + i, phase), n, sums[i][j]);
        }
    }
}
