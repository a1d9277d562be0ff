// Linear layers by Hopper's warpgroup instructions: what linear_matrix is, on that generation of NVIDIA's GPUs. See products.cuh for how
// a block is multiplied.
//
// Weights fp16 in fragments; K a multiple of 128, N of a block's columns, rows any number. A kernel takes one struct: the addresses of
// its buffers, its push constants, then what specialization constants are for a shader.
#pragma once
#include "linear_epilogue.cuh"
#include "products.cuh"

// Rows as they lie in memory.
template<typename Block>
struct Rows
{
    static constexpr bool ARE_READ_AGAIN = false, ENDS_ITSELF = false;

    u64 x;
    u32 at[Block::COPIES];

    // Rows past the last one are it once more. It begins a slab in front of the first.
    DEVICE Rows(const Linear& p, u32 first_row) : x(p.x)
    {
#pragma unroll
        for (u32 i = 0; i < Block::COPIES; i++)
            at[i] = least(first_row + Block::copied_row(i), p.rows - 1) * (p.inner / 8) + Block::copied_piece() - PIECES;
    }

    DEVICE void begin_slab()
    {
#pragma unroll
        for (u32 i = 0; i < Block::COPIES; i++)
            at[i] += PIECES;
    }

    DEVICE u64 piece(u32 i, u32& bytes) const
    {
        bytes = 16;
        return x + (u64)at[i] * 16;
    }
};

template<typename Block>
DEVICE void make_linear(const Linear& p)
{
    // Blocks of rows that are more than a grid has along y go on along z.
    u32 first_row = (block_y() + block_z() * blocks_y()) * Block::ROWS, first_column = block_x() * Block::COLUMNS;
    if (first_row >= p.rows)
        return;
    Block block(p.weight, first_column, p.inner);
    Rows<Block> rows(p, first_row);

    // What the end wants of this thread's two columns of a tile, and of the block's rows, by a thread each or a few of its lanes.
    constexpr u32 TILES = Block::TILES;
    ColumnNumbers columns[TILES][2] = {};
    f32x2 statistic = {}, merged[MERGE_TURNS<Block>] = {}, residual_statistic = {};
    auto last = [&]() INLINED {
        u64 row = least(first_row + thread(), p.rows - 1);
        if (p.norm_input == 2)
            statistic = load_pair(p.statistics + row * 8);
        if (p.norm_residual != 0)
            residual_statistic = load_pair(p.residual_statistics + row * 8);
#pragma unroll
        for (u32 i = 0; i < 2 * TILES; i++)
            columns[i / 2][i % 2] = load_column_numbers(p, first_column + Block::summed_column(i / 2) + i % 2 * 8);
        if (p.norm_input == 3)
            merge_spans<Block>(p, first_row, [&](u32 turn, u32, f32x2 both) INLINED { merged[turn] = both; });
    };
    block.multiply_slabs(p.inner / SLAB, rows, last);
    if (p.norm_input == 2 && thread() < Block::ROWS)
        block.keep_pair(0, thread(), statistic);
#pragma unroll
    for (u32 turn = 0; turn < MERGE_TURNS<Block>; turn++)
    {
        u32 row = (turn * Block::THREADS + thread()) / SPAN_LANES;
        if (p.norm_input == 3 && thread() % SPAN_LANES == 0 && row < Block::ROWS)
            block.keep_pair(0, row, merged[turn]);
    }
    if (p.norm_residual != 0 && thread() < Block::ROWS)
        block.keep_pair(1, thread(), residual_statistic);

    auto residual = [&](u32 block_row, u32& bytes) INLINED {
        u32 row = first_row + block_row;
        bytes = row < p.rows ? 16 : 0;
        return p.residual + (u64)(least(row, p.rows - 1) * p.columns + first_column + Block::stored_column()) * 2;
    };
    // Also of rows that are not there.
    auto finish = [&](u32 block_row, u32 tile, float (&v)[4], float (&r)[4]) INLINED {
        if (p.norm_input != 0)
        {
            f32x4 pairs = block.kept_pairs(0, block_row);
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                v[c] = (v[c] - pairs[c % 2 * 2] * columns[tile][c / 2].norm_sum) * pairs[c % 2 * 2 + 1];
        }
#pragma unroll
        for (u32 c = 0; c < 4; c++)
            v[c] += columns[tile][c / 2].bias;
        if (p.activation == 1)
        {
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                v[c] = gelu(v[c]);
        }
        if (p.norm_residual != 0)
        {
            f32x4 pairs = block.kept_pairs(1, block_row);
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                r[c] = (r[c] - pairs[c % 2 * 2]) * pairs[c % 2 * 2 + 1] * columns[tile][c / 2].norm_weight + columns[tile][c / 2].norm_bias;
        }
#pragma unroll
        for (u32 c = 0; c < 4; c++)
            v[c] += r[c];
    };
    auto store = [&](u32 block_row, Eights (&rows)[Block::PASSES]) INLINED {
        bool is_there[Block::PASSES];
#pragma unroll
        for (u32 i = 0; i < Block::PASSES; i++)
            is_there[i] = first_row + block_row + i * Block::PASS_ROWS < p.rows;
        store_rows<Block>(p, first_row + block_row, first_column + Block::stored_column(), rows, is_there);
    };
    block.template store_sums<true>(p.has_residual != 0, p.is_f32 != 0, residual, finish, store);
}
