// Blocks of matrix products by Hopper's warpgroup instructions (wgmma), which SPIR-V has no words for.
//
// Warpgroups of four warps make a block, each 64 of its columns, for all of its rows. The weights are the instruction's first factor.
// They go from memory straight into registers, as weight_fragments makes them on that driver; so sums lie transposed, a column's rows
// in a thread. Slabs of the rows go to shared memory by asynchronous copies, to one stage after the other, rows of 64 bytes whose
// 16-byte pieces are swizzled as the instruction expects. While a slab is multiplied, the weights of the next WEIGHT_TURNS - 1 and the
// rows of the next STAGES - 2 are on their way. A stage is filled again two slabs after it was multiplied, which every warpgroup has
// waited for before the barrier between.
//
// PTX's memory model wants a proxy fence between asynchronous copies and wgmma. There is none here, as there is none in CUTLASS's
// sm90_mma_multistage_gmma_ss, which feeds wgmma by such copies too: once they have been waited for, they are in shared memory. PTX
// does not promise that; the self-test finds out. With the fence, every slab waits for the weights that are on their way as well,
// which costs 5 %.
#pragma once
#include "device.cuh"
#include "multiply.cuh"
#include "sums.cuh"

constexpr u32 SLAB = 32, PIECES = SLAB / 8, STEPS = SLAB / 16;

// Rows of a block that its threads store at a time, whatever its width: 16 threads have a row of 128 columns.
constexpr u32 PASS_ROWS = 16;

// ROWS is a multiple of eight. Sums go out by CHUNK rows at a time, for which there must be room.
template<u32 BLOCK_ROWS, u32 WARPGROUPS, u32 STAGES, u32 WEIGHT_TURNS, u32 CHUNK>
struct Block
{
    static constexpr u32 ROWS = BLOCK_ROWS, COLUMNS = 64 * WARPGROUPS, THREADS = 128 * WARPGROUPS;
    static constexpr u32 STAGE_SIZE = ROWS * SLAB * 2, AHEAD = STAGES - 2;

    // Pieces of a slab that a thread copies, of rows that lie COPY_STEP apart.
    static constexpr u32 COPY_STEP = THREADS / PIECES, COPIES = (ROWS + COPY_STEP - 1) / COPY_STEP;

    // Sums on their way out: fp32, a row's columns side by side, rows four banks apart; and a pair of numbers for each row.
    static constexpr u32 STRIDE = COLUMNS + 4, EIGHTS = COLUMNS / 8, PASSES = CHUNK / PASS_ROWS, PAIRS_AT = CHUNK * STRIDE * 4;
    static_assert(ROWS % 8 == 0 && STAGES * STAGE_SIZE <= SHARED_MEMORY && PAIRS_AT + ROWS * 8 <= SHARED_MEMORY);
    static_assert(THREADS / EIGHTS == PASS_ROWS && CHUNK % PASS_ROWS == 0);

    u32 stages; // in shared memory, at a multiple of 1024
    u64 weight; // of this lane: of the warp's 16 columns
    float sums[ROWS / 2];

    DEVICE Block(u64 weights, u32 first_column, u32 inner) : stages(shared_memory())
    {
        weight = weights + ((u64)(first_column / 16 + thread() / 32) * inner * 2 + thread() % 32) * 16;
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i++)
            sums[i] = 0;
    }

    // Row of the block of which this thread copies a piece of every slab, and which piece that is.
    static DEVICE u32 copied_row(u32 i) { return thread() / PIECES + i * COPY_STEP; }
    static DEVICE u32 copied_piece() { return thread() % PIECES; }

    // Of the columns that this thread hands out, always the same eight, the first.
    static DEVICE u32 stored_column() { return thread() % EIGHTS * 8; }

    // Sums over k of slabs. The source of rows is asked for them in their order: begin_slab(), then piece(i, bytes) for where this
    // thread's i-th lies, and 0 bytes where there is nothing but zeros. ARE_READ_AGAIN tells whether the same rows are soon asked for again.
    template<typename Source>
    DEVICE void multiply_slabs(u32 slabs, Source& source)
    {
        // Past the last slab, which is taken again, meet zeros.
        u32 end = (slabs + WEIGHT_TURNS - 1) / WEIGHT_TURNS * WEIGHT_TURNS;
        u32x4 pieces[WEIGHT_TURNS][STEPS];
#pragma unroll
        for (u32 slab = 0; slab < WEIGHT_TURNS - 1; slab++)
            load_weights(pieces[slab], slab, slabs);
#pragma unroll
        for (u32 slab = 0; slab < AHEAD; slab++)
            copy_slab(slab, slab, slabs, end, source);
        u32 stage = 0;
#pragma unroll 1
        for (u32 slab = 0; slab < end; slab += WEIGHT_TURNS)
        {
#pragma unroll
            for (u32 turn = 0; turn < WEIGHT_TURNS; turn++)
                take_slab(slab + turn, stage, slabs, end, pieces[turn], pieces[(turn + WEIGHT_TURNS - 1) % WEIGHT_TURNS], source);
        }
        wait_for_multiplications<0>();
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i++)
            read_from_here_on(sums[i]);
    }

    // Hands the sums out by way of shared memory: store(row, eight sums, asked) for each row of the block that this thread stores, from
    // stored_column() on; rows come up to a multiple of PASS_ROWS, those past the last with anything. What it wants of memory is asked
    // for before the sums are there, by early(row). All threads of a row, EIGHTS side by side, are there together.
    template<typename Early, typename Store>
    DEVICE void store_sums(const Early& early, const Store& store)
    {
        u32 first_row = thread() / EIGHTS;
#pragma unroll
        for (u32 chunk = 0; chunk < ROWS; chunk += CHUNK)
        {
            u32x4 asked[PASSES];
#pragma unroll
            for (u32 i = 0; i < PASSES && chunk + i * PASS_ROWS < ROWS; i++)
                asked[i] = early(chunk + first_row + i * PASS_ROWS);
            share_sums<CHUNK, STRIDE, ROWS>(stages, sums, chunk);
#pragma unroll
            for (u32 i = 0; i < PASSES && chunk + i * PASS_ROWS < ROWS; i++)
                store_row(chunk, first_row + i * PASS_ROWS, asked[i], store);
        }
    }

    // A pair of numbers for each row, which store_sums leaves alone.
    DEVICE void keep_pair(u32 row, f32x2 v) const { store_shared_pair(stages + PAIRS_AT + row * 8, v); }
    DEVICE f32x2 kept_pair(u32 row) const { return load_shared_pair(stages + PAIRS_AT + row * 8); }

    // Sum over the threads of a row.
    static DEVICE float sum_over_row(float v)
    {
#pragma unroll
        for (u32 mask = 1; mask < EIGHTS; mask *= 2)
            v += from_other_lane(v, mask);
        return v;
    }

private:
    // Hands out a row of a chunk.
    template<typename Store>
    DEVICE void store_row(u32 chunk, u32 row, u32x4 asked, const Store& store) const
    {
        float values[8];
        load_shared_eight(stages + (row * STRIDE + thread() % EIGHTS * 8) * 4, values);
        store(chunk + row, values, asked);
    }

    DEVICE void load_weights(u32x4 (&pieces)[STEPS], u32 slab, u32 slabs)
    {
        u64 from = weight + (u64)(least(slab, slabs - 1) * STEPS) * 512;
#pragma unroll
        for (u32 step = 0; step < STEPS; step++)
            pieces[step] = load_here(from + step * 512);
    }

    template<typename Source>
    DEVICE void copy_slab(u32 stage, u32 slab, u32 slabs, u32 end, Source& source)
    {
        if (slab < end)
        {
            source.begin_slab();
#pragma unroll
            for (u32 i = 0; i < COPIES; i++)
            {
                u32 row = copied_row(i), bytes;
                // What is not read must be an address all the same.
                u64 piece = source.piece(i, bytes), from = slab < slabs ? piece : source.x;
                u32 to = stages + stage * STAGE_SIZE + row * (SLAB * 2) + (copied_piece() ^ row / 2 % PIECES) * 16;
                if (ROWS % COPY_STEP != 0 && row >= ROWS)
                    continue;
                if (Source::ARE_READ_AGAIN)
                    copy_async_near(to, from, slab < slabs ? bytes : 0);
                else
                    copy_async(to, from, slab < slabs ? bytes : 0);
            }
        }
        // Also where there is nothing to copy, so that groups can be counted.
        commit_copies();
    }

    template<typename Source>
    DEVICE void take_slab(u32 slab, u32& stage, u32 slabs, u32 end, u32x4 (&pieces)[STEPS], u32x4 (&later)[STEPS], Source& source)
    {
        wait_for_copies<AHEAD - 1>();
        barrier();
        // Swizzle of 64 bytes, eight rows 512 bytes after eight.
        u64 rows = (u64)((stages + stage * STAGE_SIZE) >> 4) | (u64)1 << 16 | (u64)(512 >> 4) << 32 | (u64)2 << 62;
        begin_multiplications();
#pragma unroll
        for (u32 step = 0; step < STEPS; step++)
            multiply(sums, pieces[step], rows + step * 2);
        commit_multiplications();
        copy_slab(stage < STAGES - AHEAD ? stage + AHEAD : stage + AHEAD - STAGES, slab + AHEAD, slabs, end, source);
        wait_for_multiplications<1>();
        load_weights(later, slab + WEIGHT_TURNS - 1, slabs);
        stage = stage + 1 < STAGES ? stage + 1 : 0;
    }
};
