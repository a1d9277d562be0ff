// Linear layers of few rows: as those of linear.cuh, but by blocks of few_rows.cuh.
#pragma once
#include "chain.cuh"
#include "few_rows.cuh"
#include "linear_epilogue.cuh"

// Brings what the end wants of rows and columns to shared memory: statistics of a row, and of its residual; a column's numbers.
template<typename Block>
DEVICE void keep_sides(const Block& block, const Linear& p, u32 first_row, u32 first_column)
{
    constexpr u32 ROW_TURNS = (Block::ROWS + Block::THREADS - 1) / Block::THREADS, COLUMN_TURNS = (Block::COLUMNS + Block::THREADS - 1) / Block::THREADS;
    f32x2 statistics[ROW_TURNS] = {}, residual_statistics[ROW_TURNS] = {};
    ColumnNumbers numbers[COLUMN_TURNS];
#pragma unroll
    for (u32 i = 0; i < ROW_TURNS; i++)
    {
        u64 row = least(first_row + i * Block::THREADS + thread(), p.rows - 1);
        if (p.norm_input == 2)
            statistics[i] = load_pair(p.statistics + row * 8);
        if (p.norm_residual != 0)
            residual_statistics[i] = load_pair(p.residual_statistics + row * 8);
    }
#pragma unroll
    for (u32 i = 0; i < COLUMN_TURNS; i++)
        numbers[i] = load_column_numbers(p, first_column + least(i * Block::THREADS + thread(), Block::COLUMNS - 1));
    if (p.norm_input == 3)
        merge_spans<Block>(p, first_row, [&](u32, u32 row, f32x2 statistic) INLINED { store_shared_pair(block.side_of_row(row), statistic); });
#pragma unroll
    for (u32 i = 0; i < ROW_TURNS; i++)
    {
        u32 row = i * Block::THREADS + thread();
        if (row < Block::ROWS && p.norm_input != 3)
            store_shared_pair(block.side_of_row(row), statistics[i]);
        if (row < Block::ROWS)
            store_shared_pair(block.side_of_row(row) + 8, residual_statistics[i]);
    }
#pragma unroll
    for (u32 i = 0; i < COLUMN_TURNS; i++)
    {
        u32 column = i * Block::THREADS + thread();
        const float kept[] = {numbers[i].norm_sum, numbers[i].bias, numbers[i].norm_weight, numbers[i].norm_bias};
#pragma unroll
        for (u32 number = 0; number < 4; number++)
        {
            if (column < Block::COLUMNS)
                store_shared(block.side_of_column(number, column), kept[number]);
        }
    }
}

// Whether all other parts of the block are in memory, after this one's. One thread's fences are enough: barriers stand between it and
// the others.
template<typename Block>
DEVICE bool is_last_of_parts(const Block& block, u64 counter, u32 parts)
{
    barrier();
    if (thread() == 0)
    {
        fence_blocks();
        u32 before = count_at(counter);
        fence_blocks();
        if (before == parts - 1)
            store_word(counter, 0);
        store_shared(block.stages, before == parts - 1 ? 1.0f : 0.0f);
    }
    barrier();
    return load_shared_pair(block.stages).x != 0;
}

template<typename Block>
DEVICE void make_linear_of_few_rows(const Linear& p)
{
    constexpr u32 FLIGHT = Block::ROWS_AT_ONCE;
    u32 part = p.part_count > 1 ? block_z() : 0, row_block = block_y() + (p.part_count > 1 ? 0 : block_z() * blocks_y());
    u32 first_row = row_block * Block::ROWS, first_column = block_x() * Block::COLUMNS;
    if (first_row >= p.rows)
        return;
    // k is a multiple of the parts' batches.
    u32 slabs = p.inner / Block::SLAB;
    if (p.part_count > 1)
        slabs /= p.part_count;
    u32 own = Block::stored_column(), column = first_column + own;
    auto early = [&](u32 block_row) INLINED {
        u32 row = first_row + block_row;
        u32x4 nothing = {};
        return p.has_residual != 0 && block_row < Block::ROWS && row < p.rows ? load_here(p.residual + (u64)(row * p.columns + column) * 2) : nothing;
    };
    u32x4 asked[FLIGHT];
    Block block(p.x, p.weight, p.rows, first_row, first_column, p.inner, part * slabs);
    block.multiply_slabs(
        slabs,
        [&]() INLINED {
            if (p.awaited_blocks != 0)
                block.prefetch_weights(slabs);
            await_blocks(p.awaited, p.awaited_blocks);
        },
        [&]() INLINED {
            if (p.awaited_blocks == 0)
                block.prefetch_weights(slabs);
            keep_sides(block, p, first_row, first_column);
        },
        [&]() INLINED { Block::ask(asked, early); });
    if (p.part_count > 1)
    {
        u32 block_index = row_block * blocks_x() + block_x();
        u64 parts = p.parts + (u64)(block_index * p.part_count) * Block::SUMS_SIZE;
        block.leave_part(parts + (u64)part * Block::SUMS_SIZE);
        if (!is_last_of_parts(block, p.counters + (u64)block_index * 4, p.part_count))
            return;
        block.join_parts(parts, p.part_count);
    }

    // Of rows that are not there as well.
    auto finish = [&](u32 first, float (&v)[FLIGHT][8], const u32x4 (&residual)[FLIGHT]) INLINED {
        float numbers[8];
        u32 sides[FLIGHT];
#pragma unroll
        for (u32 i = 0; i < FLIGHT; i++)
            sides[i] = block.side_of_row(least(first + i * Block::PASS_ROWS, Block::ROWS - 1));
        if (p.norm_input != 0)
        {
            load_shared_eight(block.side_of_column(0, own), numbers);
#pragma unroll
            for (u32 i = 0; i < FLIGHT; i++)
            {
                f32x2 statistic = load_shared_pair(sides[i]);
#pragma unroll
                for (u32 c = 0; c < 8; c++)
                    v[i][c] = (v[i][c] - statistic.x * numbers[c]) * statistic.y;
            }
        }
        load_shared_eight(block.side_of_column(1, own), numbers);
#pragma unroll
        for (u32 i = 0; i < FLIGHT; i++)
        {
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[i][c] += numbers[c];
        }
        if (p.activation == 1)
        {
#pragma unroll
            for (u32 i = 0; i < FLIGHT; i++)
            {
#pragma unroll
                for (u32 c = 0; c < 8; c++)
                    v[i][c] = gelu(v[i][c]);
            }
        }
        if (p.has_residual != 0)
        {
            float r[FLIGHT][8];
#pragma unroll
            for (u32 i = 0; i < FLIGHT; i++)
                unpack_eight(residual[i], r[i]);
            if (p.norm_residual != 0)
            {
                float more[8];
                load_shared_eight(block.side_of_column(2, own), numbers);
                load_shared_eight(block.side_of_column(3, own), more);
#pragma unroll
                for (u32 i = 0; i < FLIGHT; i++)
                {
                    f32x2 statistic = load_shared_pair(sides[i] + 8);
#pragma unroll
                    for (u32 c = 0; c < 8; c++)
                        r[i][c] = (r[i][c] - statistic.x) * statistic.y * numbers[c] + more[c];
                }
            }
#pragma unroll
            for (u32 i = 0; i < FLIGHT; i++)
            {
#pragma unroll
                for (u32 c = 0; c < 8; c++)
                    v[i][c] += r[i][c];
            }
        }
        Eights rows[FLIGHT];
        bool is_there[FLIGHT];
#pragma unroll
        for (u32 i = 0; i < FLIGHT; i++)
        {
            u32 block_row = first + i * Block::PASS_ROWS;
            is_there[i] = block_row < Block::ROWS && first_row + block_row < p.rows;
            rows[i].bits = pack_eight(v[i]);
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                rows[i].v[c] = v[i][c];
        }
        store_rows<Block>(p, first_row + first, column, rows, is_there);
    };
    block.store_sums(asked, early, finish);
    count_block(p.counted, p.is_counted);
}
