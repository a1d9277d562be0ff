// 3x3 convolutions by Hopper's warpgroup instructions: what conv3x3_matrix is, on that generation of NVIDIA's GPUs. See products.cuh for
// how a block is multiplied.
//
// Weights fp16 in fragments; input channels a multiple of 128, output channels of a block's columns. A kernel takes one struct, as those
// of linear.cuh do.
#pragma once
#include "products.cuh"

// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * w[n, c, ky, kx] + bias[n] + residual, as in
// conv3x3_product.glsl: x fp16[B, H, W, C], or with upsample [B, H/2, W/2, C], residual and y fp16[B, H, W, N], bias fp32[N].
struct Convolution
{
    u64 x, weight, bias, residual, y;
    u32 batch, height, width, in_channels, out_channels;
    u32 upsample, has_bias, has_residual;
};

// A pixel about each of a block's, tap by tap: the product's rows are the pixels before doubling, as conv_taps.glsl tells.
template<typename Block>
struct Taps
{
    // A row's three taps are nearly the same pixels, and neighbouring rows share theirs. A tap behind the last one is inside for no pixel.
    static constexpr bool ARE_READ_AGAIN = true, ENDS_ITSELF = true;

    u64 x;
    // Of the pixels that this thread copies for: where the pixel's own first channels are, and a bit for each tap that does not leave
    // the picture.
    u32 at[Block::COPIES], inside[Block::COPIES];
    // The tap of the slab, in rows of so many; where it lies relative to the pixel, and how much of its channels is behind.
    u32 tap, tap_x, taps, piece_of_tap, tap_pieces;
    int tap_at, row_pieces;

    // It begins a slab in front of the first, at the end of the tap in front of the first.
    DEVICE Taps(const Convolution& p, u32 first_pixel, u32 pixels, int height, int width, int phase_y, int phase_x)
        : x(p.x), tap(-1), tap_x(-1), taps(p.upsample != 0 ? 2 : 3), piece_of_tap(p.in_channels / 8 - PIECES),
          tap_pieces(p.in_channels / 8)
    {
        row_pieces = width * (int)tap_pieces;
        tap_at = (phase_y - 1) * row_pieces + (phase_x - 2) * (int)tap_pieces;
#pragma unroll
        for (u32 i = 0; i < Block::COPIES; i++)
        {
            u32 pixel = first_pixel + Block::copied_row(i);
            at[i] = least(pixel, pixels - 1) * tap_pieces + Block::copied_piece();
            inside[i] = 0;
            int column = pixel % width, row = pixel / width % height;
            for (u32 t = 0; t < taps * taps; t++)
            {
                int y = row + (int)(t / taps) + phase_y - 1, x = column + (int)(t % taps) + phase_x - 1;
                if (pixel < pixels && y >= 0 && y < height && x >= 0 && x < width)
                    inside[i] |= 1u << t;
            }
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

    DEVICE u64 piece(u32 i, u32& bytes) const
    {
        bool is_inside = (inside[i] >> tap & 1) != 0;
        bytes = is_inside ? 16 : 0;
        // What is not read must be an address all the same.
        return x + (u64)(at[i] + (is_inside ? (u32)tap_at + piece_of_tap : 0)) * 16;
    }
};

template<typename Block>
DEVICE void make_convolution(const Convolution& p)
{
    u32 scale = p.upsample != 0 ? 2 : 1, height = p.height / scale, width = p.width / scale, pixels = p.batch * height * width;
    u32 first_pixel = (block_y() + block_z() * blocks_y()) * Block::ROWS;
    if (first_pixel >= pixels)
        return;
    // Phases stand side by side along x, as their panels do in the weight.
    u32 column_blocks = blocks_x() / (scale * scale), phase = block_x() / column_blocks, first_column = block_x() % column_blocks * Block::COLUMNS;
    u32 phase_y = phase / scale, phase_x = phase % scale;
    u32 inner = (p.upsample != 0 ? 4 : 9) * p.in_channels;
    Block block(p.weight + (u64)phase * p.out_channels * inner * 2, first_column, inner);
    Taps<Block> taps(p, first_pixel, pixels, height, width, phase_y, phase_x);
    float bias[Block::TILES][2] = {};
    auto last = [&]() INLINED {
#pragma unroll
        for (u32 i = 0; i < 2 * Block::TILES; i++)
        {
            if (p.has_bias != 0)
                bias[i / 2][i % 2] = load_float(p.bias + (first_column + Block::summed_column(i / 2) + i % 2 * 8) * 4);
        }
    };
    block.multiply_slabs(inner / SLAB, taps, last);
    auto output = [&](u32 pixel) INLINED {
        u32 row = pixel / width;
        return ((row * scale + phase_y) * p.width + (pixel - row * width) * scale + phase_x) * p.out_channels + first_column + Block::stored_column();
    };
    auto residual = [&](u32 block_row, u32& bytes) INLINED {
        u32 pixel = first_pixel + block_row;
        bytes = pixel < pixels ? 16 : 0;
        return p.residual + (u64)output(least(pixel, pixels - 1)) * 2;
    };
    auto finish = [&](u32, u32 tile, float (&v)[4], float (&r)[4]) INLINED {
#pragma unroll
        for (u32 c = 0; c < 4; c++)
            v[c] += bias[tile][c / 2] + r[c];
    };
    auto store = [&](u32 block_row, Eights (&rows)[Block::PASSES]) INLINED {
#pragma unroll
        for (u32 i = 0; i < Block::PASSES; i++)
        {
            u32 pixel = first_pixel + block_row + i * Block::PASS_ROWS;
            if (pixel < pixels)
                store_bits(p.y + (u64)output(pixel) * 2, rows[i].bits);
        }
    };
    block.template store_sums<false>(p.has_residual != 0, false, residual, finish, store);
}
