// What conv3x3_matrix and conv3x3_fma have in common: an implicit GEMM whose rows are pixels and whose k is (ky, kx, c). The
// includer says by MULTIPLY_ADDS which of the two tiles computes a block. C, a specialization constant so that dividing by it
// is a shift, is a multiple of 8.
#include "../common/types.glsl"
#include "../common/eights.glsl"

layout(constant_id = 0) const uint UPSAMPLE = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
#include "../common/tile_constants.glsl"
layout(constant_id = 17) const uint IN_CHANNELS = 128;
layout(constant_id = 18) const uint PARTS = 1;
layout(constant_id = 19) const bool WHOLE_EIGHTS = false;
const uint NORM_INPUT = 0;

layout(set = 0, binding = 0) readonly buffer X { uvec4 x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { uvec4 weight[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint height;
    uint width;
    uint in_channels;
    uint out_channels;
};

#include "../common/conv_taps.glsl"
const uint INNER = TAPS * TAPS * IN_CHANNELS;
const bool WHOLE_SLABS = INNER % (MAT_K * SLAB_FRAGMENTS) == 0;
#ifdef MULTIPLY_ADDS
#include "../common/fma_tile.glsl"
#else
#include "../common/matrix_tile.glsl"
#endif
#include "../common/tile_output.glsl"
#define PARTS_BINDING 5
#include "../common/join_parts.glsl"

// Of the pixels that this invocation loads for: where the first channels of the pixel itself are, and a bit for each tap
// that does not leave the picture. A pixel past the end has none.
int pixel_at[X_LOADS];
uint inside[X_LOADS];
uint phase;

const int CHANNEL_EIGHTS = int(IN_CHANNELS / 8);
// Whether a slab's k are all of one tap.
const bool TAP_SLABS = IN_CHANNELS % BLOCK_K == 0;

uvec4 load_x(uint i, uint slab)
{
    uint eight = slab * (BLOCK_K / 8) + (TAP_SLABS ? 0 : loaded_piece());
    uint tap = eight / CHANNEL_EIGHTS;
    ivec2 offset = tap_offset(tap, phase);
    int at = pixel_at[i] + (offset.x * int(source_width()) + offset.y) * CHANNEL_EIGHTS + int(eight % CHANNEL_EIGHTS + (TAP_SLABS ? loaded_piece() : 0));
    return (inside[i] >> tap & 1) != 0 ? x[at] : uvec4(0);
}

void prepare_rows()
{
}

uvec4 load_added(uint pixel, uint n)
{
    return HAS_RESIDUAL != 0 && pixel < source_pixels() && n < out_channels
        ? load_residual(output_pixel(pixel, phase), n, out_channels) : uvec4(0);
}

uvec4 load_early(uint pixel, uint n)
{
    return PARTS == 1 ? load_added(pixel, n) : uvec4(0);
}

void finish_joined(uint pixel, uint n, vec4 low, vec4 high, uvec4 added)
{
    if (pixel < source_pixels() && n < out_channels)
    {
        if (HAS_BIAS != 0)
            add_bias(n, out_channels, low, high);
        vec4 a = vec4(0.0), b = vec4(0.0);
        if (HAS_RESIDUAL != 0)
            unpack_eight(added, a, b);
        store_output(output_pixel(pixel, phase), n, out_channels, low + a, high + b);
    }
}

void store_eight(uint pixel, uint n, vec4 low, vec4 high, uvec4 early)
{
    if (PARTS == 1)
        finish_joined(pixel, n, low, high, early);
    else
        leave_part(pixel, n, low, high);
}

void main()
{
    // Parts of k stand along z, where pixels are too few to be folded over it.
    uint part = PARTS > 1 ? gl_WorkGroupID.z : 0;
    block_row = (gl_WorkGroupID.y + (PARTS > 1 ? 0 : gl_WorkGroupID.z * gl_NumWorkGroups.y)) * BLOCK_M;
    // Phases stand side by side along x, as their panels do in the weight.
    uint column_tiles = gl_NumWorkGroups.x / PHASES;
    phase = gl_WorkGroupID.x / column_tiles;
    block_column = gl_WorkGroupID.x % column_tiles * BLOCK_N;
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        uint pixel = block_row + loaded_row(i);
        int column = int(pixel % source_width()), row = int(pixel / source_width() % source_height());
        pixel_at[i] = int(pixel) * CHANNEL_EIGHTS;
        inside[i] = 0;
        [[unroll]] for (uint tap = 0; tap < TAPS * TAPS; tap++)
        {
            if (pixel < source_pixels() && is_inside(ivec2(row, column) + tap_offset(tap, phase)))
                inside[i] |= 1u << tap;
        }
    }
    const uint SLABS = (INNER + BLOCK_K - 1) / BLOCK_K, PART_SLABS = (SLABS + PARTS - 1) / PARTS;
    uint first_weight = phase * ((out_channels + 15) / 16) * INNER * 2;
    multiply_block(
        block_row, block_column, first_weight, INNER, out_channels, part * PART_SLABS, min((part + 1) * PART_SLABS, SLABS));
    if (PARTS > 1 && is_last_part())
        join_parts();
}
