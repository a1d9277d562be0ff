// Linear layers and 3x3 convolutions by Hopper's warpgroup instructions: what linear_matrix and conv3x3_matrix are, for large products on
// that generation of NVIDIA's GPUs. See products.cuh for how a block is multiplied.
//
// Weights fp16 in fragments; K a multiple of 128, N of 256, rows any number; a convolution's channels a multiple of 32. A kernel takes
// one struct: the addresses of its buffers, its push constants, then what specialization constants are for a shader.
#include "products.cuh"

// One group a processor, which leaves each of its threads 128 registers.
#define KERNEL extern "C" __attribute__((global)) __attribute__((launch_bounds(THREADS, 1)))

// As in activation.glsl, without a branch.
DEVICE float gelu(float x)
{
    float a = absolute(x) * 0.7071067811865476f;
    float t = reciprocal(1.0f + 0.3275911f * a);
    float erfc = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f)))) * exponential(-a * a);
    return (x > 0.0f ? x : 0.0f) - 0.5f * absolute(x) * erfc;
}

DEVICE void load_eight(u64 from, float (&v)[8])
{
    f32x4 low = load_floats(from), high = load_floats(from + 16);
#pragma unroll
    for (u32 c = 0; c < 4; c++)
    {
        v[c] = low[c];
        v[4 + c] = high[c];
    }
}

DEVICE void add_eight(u64 from, float (&v)[8])
{
    float more[8];
    load_eight(from, more);
#pragma unroll
    for (u32 c = 0; c < 8; c++)
        v[c] += more[c];
}

DEVICE void unpack_eight(u32x4 bits, float (&v)[8])
{
#pragma unroll
    for (u32 c = 0; c < 4; c++)
        unpack_halves(bits[c], v[2 * c], v[2 * c + 1]);
}

template<bool F32>
DEVICE void store_eight(u64 y, u32 at, const float (&v)[8])
{
    if (F32)
    {
        store_floats(y + (u64)at * 4, v);
        store_floats(y + (u64)at * 4 + 16, v + 4);
    }
    else
    {
        u32x4 bits = {pack_halves(v[0], v[1]), pack_halves(v[2], v[3]), pack_halves(v[4], v[5]), pack_halves(v[6], v[7])};
        store_bits(y + (u64)at * 2, bits);
    }
}

// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n], as in linear_product.glsl: x and residual
// fp16[R, K] and [R, N], bias fp32[N], statistics fp32[R, 2] (mean, 1 / deviation) and residual_norm fp32[2, N] (weight, bias), y
// fp16[R, N] or fp32. norm_input is 0 or 2. Members that are not read keep the others in their places.
struct Linear
{
    u64 x, weight, bias, residual, y, statistics, residual_statistics, residual_norm;
    u32 rows, inner, columns;
    float epsilon;
    u32 activation, has_bias, has_residual, norm_input, norm_residual, parts, whole_slabs, whole_eights;
};

// Rows as they lie in memory.
struct Rows
{
    u64 x;
    u32 at;

    // Rows past the last one are it once more. It begins a slab in front of the first.
    DEVICE Rows(const Linear& p, u32 first_row)
        : x(p.x), at(least(first_row + Block::copied_row(), p.rows - 1) * (p.inner / 8) + Block::copied_piece() - PIECES)
    {
    }

    DEVICE void begin_slab() { at += PIECES; }

    DEVICE u64 piece(u32& bytes) const
    {
        bytes = 16;
        return x + (u64)at * 16;
    }
};

template<bool F32>
DEVICE void make_linear(const Linear& p)
{
    u32 first_row = (block_y() + block_z() * blocks_y()) * ROWS, first_column = block_x() * COLUMNS;
    if (first_row >= p.rows)
        return;
    Block block(p.weight, first_column, p.inner);
    Rows rows(p, first_row);
    block.multiply_slabs(p.inner / SLAB, rows);
    // What the folded norm needs stands behind the panels: sums, then biases.
    u32 column = first_column + Block::stored_column();
    u64 tail = p.weight + (u64)p.columns * p.inner * 2;
    float norm_sums[8] = {}, bias[8] = {};
    if (p.norm_input != 0)
    {
        load_eight(tail + column * 4, norm_sums);
        load_eight(tail + (p.columns + column) * 4, bias);
    }
    else if (p.has_bias != 0)
        load_eight(p.bias + column * 4, bias);
    auto early = [&](u32 block_row) INLINED {
        u32 row = first_row + block_row;
        u32x4 nothing = {};
        return p.has_residual != 0 && row < p.rows ? load_constant(p.residual + (u64)(row * p.columns + column) * 2) : nothing;
    };
    block.store_sums(early, [&](u32 block_row, float (&v)[8], u32x4 residual) INLINED {
        u32 row = first_row + block_row;
        if (row >= p.rows)
            return;
        if (p.norm_input != 0)
        {
            f32x2 statistic = load_pair(p.statistics + (u64)row * 8);
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[c] = (v[c] - statistic.x * norm_sums[c]) * statistic.y;
        }
#pragma unroll
        for (u32 c = 0; c < 8; c++)
            v[c] += bias[c];
        if (p.activation == 1)
        {
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[c] = gelu(v[c]);
        }
        if (p.has_residual != 0)
        {
            float r[8];
            unpack_eight(residual, r);
            if (p.norm_residual != 0)
            {
                f32x2 statistic = load_pair(p.residual_statistics + (u64)row * 8);
                float g[8];
                load_eight(p.residual_norm + column * 4, g);
#pragma unroll
                for (u32 c = 0; c < 8; c++)
                    r[c] = (r[c] - statistic.x) * statistic.y * g[c];
                add_eight(p.residual_norm + (p.columns + column) * 4, r);
            }
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[c] += r[c];
        }
        store_eight<F32>(p.y, row * p.columns + column, v);
    });
}

// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * w[n, c, ky, kx] + bias[n] + residual, as in
// conv3x3_product.glsl: x fp16[B, H, W, C], or with upsample [B, H/2, W/2, C], residual and y fp16[B, H, W, N], bias fp32[N].
struct Convolution
{
    u64 x, weight, bias, residual, y;
    u32 batch, height, width, in_channels, out_channels;
    u32 upsample, has_bias, has_residual;
};

// A pixel about each of a block's, tap by tap: the product's rows are the pixels before doubling, as conv_taps.glsl tells.
struct Taps
{
    u64 x;
    // Where the pixel's own first channels are, and a bit for each tap that does not leave the picture.
    u32 at, inside;
    // The tap of the slab, in rows of so many; where it lies relative to the pixel, and how much of its channels is behind.
    u32 tap, tap_x, taps, piece_of_tap, tap_pieces;
    int tap_at, row_pieces;

    // It begins a slab in front of the first, at the end of the tap in front of the first.
    DEVICE Taps(const Convolution& p, u32 first_pixel, u32 pixels, int height, int width, int phase_y, int phase_x)
        : x(p.x), inside(0), tap(-1), tap_x(-1), taps(p.upsample != 0 ? 2 : 3), piece_of_tap(p.in_channels / 8 - PIECES),
          tap_pieces(p.in_channels / 8)
    {
        u32 pixel = first_pixel + Block::copied_row();
        row_pieces = width * (int)tap_pieces;
        tap_at = (phase_y - 1) * row_pieces + (phase_x - 2) * (int)tap_pieces;
        at = least(pixel, pixels - 1) * tap_pieces + Block::copied_piece();
        int column = pixel % width, row = pixel / width % height;
        for (u32 t = 0; t < taps * taps; t++)
        {
            int y = row + (int)(t / taps) + phase_y - 1, x = column + (int)(t % taps) + phase_x - 1;
            if (pixel < pixels && y >= 0 && y < height && x >= 0 && x < width)
                inside |= 1u << t;
        }
    }

    DEVICE void begin_slab()
    {
        piece_of_tap += PIECES;
        if (piece_of_tap == tap_pieces)
        {
            piece_of_tap = 0;
            tap++;
            tap_x++;
            tap_at += (int)tap_pieces;
            if (tap_x == taps)
            {
                tap_x = 0;
                tap_at += row_pieces - (int)(taps * tap_pieces);
            }
        }
    }

    DEVICE u64 piece(u32& bytes) const
    {
        bool is_inside = (inside >> tap & 1) != 0;
        bytes = is_inside ? 16 : 0;
        // What is not read must be an address all the same.
        return x + (u64)(at + (is_inside ? (u32)tap_at + piece_of_tap : 0)) * 16;
    }
};

DEVICE void make_convolution(const Convolution& p)
{
    u32 scale = p.upsample != 0 ? 2 : 1, height = p.height / scale, width = p.width / scale, pixels = p.batch * height * width;
    u32 first_pixel = (block_y() + block_z() * blocks_y()) * ROWS;
    if (first_pixel >= pixels)
        return;
    // Phases stand side by side along x, as their panels do in the weight.
    u32 column_blocks = blocks_x() / (scale * scale), phase = block_x() / column_blocks, first_column = block_x() % column_blocks * COLUMNS;
    u32 phase_y = phase / scale, phase_x = phase % scale;
    u32 inner = (p.upsample != 0 ? 4 : 9) * p.in_channels;
    Block block(p.weight + (u64)phase * p.out_channels * inner * 2, first_column, inner);
    Taps taps(p, first_pixel, pixels, height, width, phase_y, phase_x);
    block.multiply_slabs(inner / SLAB, taps);
    u32 channel = first_column + Block::stored_column();
    float bias[8] = {};
    if (p.has_bias != 0)
        load_eight(p.bias + channel * 4, bias);
    auto output = [&](u32 pixel) INLINED {
        u32 row = pixel / width;
        return ((row * scale + phase_y) * p.width + (pixel - row * width) * scale + phase_x) * p.out_channels + channel;
    };
    auto early = [&](u32 block_row) INLINED {
        u32 pixel = first_pixel + block_row;
        u32x4 nothing = {};
        return p.has_residual != 0 && pixel < pixels ? load_constant(p.residual + (u64)output(pixel) * 2) : nothing;
    };
    block.store_sums(early, [&](u32 block_row, float (&v)[8], u32x4 residual) INLINED {
        u32 pixel = first_pixel + block_row;
        if (pixel >= pixels)
            return;
        float r[8];
        unpack_eight(residual, r);
#pragma unroll
        for (u32 c = 0; c < 8; c++)
            v[c] += bias[c] + r[c];
        store_eight<false>(p.y, output(pixel), v);
    });
}

KERNEL void linear(Linear p) { make_linear<false>(p); }
KERNEL void linear_f32(Linear p) { make_linear<true>(p); }
KERNEL void conv3x3(Convolution p) { make_convolution(p); }
