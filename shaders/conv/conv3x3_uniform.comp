#version 460
// variants: fp32 fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// As conv3x3, for CPU drivers that load uniform addresses as scalars. All is read and written by address; a tap outside the
// picture reads zeros[3C]. A workgroup of one subgroup of 8 makes 6 pixels x 16 channels; tiles of pixels go along x. fp32
// sums. C is a multiple of 4 * UNROLL_QUADS, with WHOLE_PANELS N one of 16.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint UPSAMPLE = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
layout(constant_id = 3) const uint WHOLE_PANELS = 0;
layout(constant_id = 4) const uint UNROLL_QUADS = 1;

#include "../common/gemm_uniform.glsl"

layout(push_constant) uniform Push
{
    uint64_t x;
    uint64_t weight;
    uint64_t bias;
    uint64_t residual;
    uint64_t y;
    uint64_t zeros;
    uint batch;
    uint height;
    uint width;
    uint in_channels;
    uint out_channels;
};

#include "../common/conv_taps.glsl"

float activate(float value)
{
    return value;
}

#include "../common/uniform_epilogue.glsl"

void main()
{
    lane = gl_SubgroupInvocationID;
    uint first_pixel = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint pixels = source_pixels();
    // Phases stand side by side along y, as their panels do in the weight.
    uint panels = gl_NumWorkGroups.y / PHASES;
    uint phase = gl_WorkGroupID.y / panels, panel = gl_WorkGroupID.y % panels;

    // Pixels past the end are the last one again: computed and written once more, with the same values. Only the first is
    // found by dividing.
    int row[TILE_ROWS], column[TILE_ROWS];
    uint image[TILE_ROWS];
    uint last = min(first_pixel, pixels - 1), last_row = last / source_width();
    column[0] = int(last - last_row * source_width());
    image[0] = last_row / source_height();
    row[0] = int(last_row - image[0] * source_height());
    [[unroll]] for (uint i = 1; i < TILE_ROWS; i++)
    {
        bool further = first_pixel + i < pixels;
        bool wraps = further && column[i - 1] + 1 == int(source_width());
        bool next_image = wraps && row[i - 1] + 1 == int(source_height());
        column[i] = wraps ? 0 : column[i - 1] + int(further);
        row[i] = next_image ? 0 : row[i - 1] + int(wraps);
        image[i] = image[i - 1] + uint(next_image);
    }

    start_sums(panel_bias(panel, out_channels));
    uint64_t panel_at = weight + uint64_t(gl_WorkGroupID.y) * (TAPS * TAPS * in_channels * PANEL_WIDTH * ACT_SIZE);
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
            rows_at[i] = is_inside(at) ? x + uint64_t(source_pixel(image[i], at)) * (in_channels * ACT_SIZE) : zeros;
        }
        multiply_rows(rows_at, panel_at + tap * in_channels * PANEL_WIDTH * ACT_SIZE, run * in_channels);
        tap += run;
    } while (tap < TAPS * TAPS);

    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        uint output_row = image[i] * height + uint(row[i]) * SCALE + phase / SCALE;
        uint pixel = output_row * width + uint(column[i]) * SCALE + phase % SCALE;
        store_pair(pixel, panel, out_channels, vec2(sums[i][0], sums[i][1]));
    }
}
