#version 460
// variants: fp32
//
// y[h, 4t + i, n] = sum over p < 6 of AT[i, p] * m[p, t * H + h, n] + bias[n] + residual[h, 4t + i, n]
//
// The output of a 3x3 convolution from its products (winograd). m fp32[6, padded rows, N], y and residual fp32[B, H, W, N],
// of which one image, bias fp32[N]. With STATISTICS, mean and sum of squares of the centred values of each chunk of rows
// of a tile as well, statistics fp32[B, tiles * H / chunk rows, N, 2]. All by address. A subgroup of 8 makes 8 channels of a
// chunk. N is a multiple of 8, H of the chunk's rows.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/winograd.glsl"

layout(buffer_reference, std430, buffer_reference_align = 8) writeonly buffer Pairs { vec2 at[]; };

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint HAS_BIAS = 0;
layout(constant_id = 1) const uint HAS_RESIDUAL = 0;
layout(constant_id = 2) const uint STATISTICS = 0;

layout(push_constant) uniform Push
{
    uint64_t m;
    uint64_t bias;
    uint64_t residual;
    uint64_t y;
    uint64_t statistics;
    uint image;
    uint height;
    uint width;
    uint channels;
    uint padded_rows;
    uint chunk_rows;
};

void main()
{
    lane = gl_SubgroupInvocationID;
    uint eights = channels / 8, tiles = width / TILE_WIDTH;
    uint unit = line_group() * gl_NumSubgroups + gl_SubgroupID;
    uint c = unit % eights * 8, chunk = unit / eights, chunks = tiles * height / chunk_rows;
    if (chunk >= chunks)
        return;
    float b = HAS_BIAS != 0 ? load_eight(bias + c * 4) : 0.0;
    uint number = chunk * chunk_rows;
    uint64_t m_at = m + (uint64_t(number) * channels + c) * 4;
    uint64_t step = uint64_t(padded_rows) * channels * 4;
    uint64_t at = (uint64_t((image * height + number % height) * width + number / height * TILE_WIDTH) * channels + c) * 4;
    float mean = 0.0, squares = 0.0;
    uint row = 0;
    // Tested at its end, as the driver would run the loop once more with all lanes masked.
    do
    {
        float d[POINTS];
        [[unroll]] for (uint p = 0; p < POINTS; p++)
            d[p] = load_eight(m_at + p * step);
        float near = d[1] + d[2], near_odd = d[1] - d[2], far = d[3] + d[4], far_odd = d[3] - d[4];
        float sums[TILE_WIDTH] =
            float[](d[0] + near + far, fma(2.0, far_odd, near_odd), fma(4.0, far, near), fma(8.0, far_odd, near_odd) + d[5]);
        [[unroll]] for (uint i = 0; i < TILE_WIDTH; i++)
        {
            sums[i] += b;
            if (HAS_RESIDUAL != 0)
                sums[i] += load_eight(residual + at + i * channels * 4);
            store_eight(y + at + i * channels * 4, sums[i]);
        }
        if (STATISTICS != 0)
        {
            // The tile's own mean and squares, put together with those of the rows before.
            float tile_mean = (sums[0] + sums[1] + sums[2] + sums[3]) / 4.0, tile_squares = 0.0;
            [[unroll]] for (uint i = 0; i < TILE_WIDTH; i++)
                tile_squares = fma(sums[i] - tile_mean, sums[i] - tile_mean, tile_squares);
            float share = 1.0 / float(row + 1), apart = tile_mean - mean;
            mean = fma(apart, share, mean);
            squares += tile_squares + apart * apart * (4.0 * float(row) * share);
        }
        m_at += channels * 4;
        at += width * channels * 4;
        row++;
    } while (row < chunk_rows);
    if (STATISTICS != 0)
    {
        uint64_t statistics_at = statistics + (uint64_t(image * chunks + chunk) * channels + c) * 8;
        Pairs(statistics_at).at[lane] = vec2(mean, squares);
    }
}
