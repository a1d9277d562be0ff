// Blocks of matrix products by Hopper's warpgroup instructions (wgmma), which SPIR-V has no words for.
//
// Four warpgroups of four warps make a block of 128 rows, each for 64 of its 256 columns. The weights are the instruction's first
// factor. They go from memory straight into registers, as weight_fragments makes them on that driver; so sums lie transposed, a
// column's rows in a thread. Slabs of the rows go to shared memory by asynchronous copies, to one of six stages after the other, rows of
// 64 bytes whose 16-byte pieces are swizzled as the instruction expects. While a slab is multiplied, the weights of the next three and
// the rows of the next four are on their way. A stage is filled again two slabs after it was multiplied, which every warpgroup has
// waited for before the barrier between.
//
// PTX's memory model wants a proxy fence between asynchronous copies and wgmma. There is none here, as there is none in CUTLASS's
// sm90_mma_multistage_gmma_ss, which feeds wgmma by such copies too: once they have been waited for, they are in shared memory. PTX
// does not promise that; the self-test finds out. With the fence, every slab waits for the weights that are on their way as well,
// which costs 5 %.
//
// All shared memory is 48 KiB: a launch from Vulkan that asks for more loses the device.
#pragma once
#include "device.cuh"
#include "multiply.cuh"

constexpr u32 ROWS = 128, COLUMNS = 256, THREADS = 512;
constexpr u32 SLAB = 32, PIECES = SLAB / 8, STEPS = SLAB / 16;
constexpr u32 STAGE_SIZE = ROWS * SLAB * 2, STAGES = 6, AHEAD = STAGES - 2, WEIGHT_TURNS = 4;
static_assert(STAGES * STAGE_SIZE == 48 << 10 && ROWS * PIECES == THREADS);

// Sums on their way out: fp32, of so many rows at a time as there is room for, a row's columns side by side, rows four banks apart.
constexpr u32 STRIDE = COLUMNS + 4, CHUNK = 32, EIGHTS = COLUMNS / 8, PASS_ROWS = THREADS / EIGHTS, PASSES = CHUNK / PASS_ROWS;
static_assert(CHUNK * STRIDE * 4 <= STAGES * STAGE_SIZE);

struct Block
{
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
    static DEVICE u32 copied_row() { return thread() / PIECES; }
    static DEVICE u32 copied_piece() { return thread() % PIECES; }

    // Of the columns that this thread hands out, always the same eight, the first.
    static DEVICE u32 stored_column() { return thread() % EIGHTS * 8; }

    // Sums over k of slabs, of which there are a multiple of four. The source of rows is asked for slabs in their order: begin_slab(),
    // then piece(bytes) for where this thread's lies, and 0 bytes where there is nothing but zeros.
    template<typename Source>
    DEVICE void multiply_slabs(u32 slabs, Source& source)
    {
        u32x4 pieces[WEIGHT_TURNS][STEPS];
#pragma unroll
        for (u32 slab = 0; slab < WEIGHT_TURNS - 1; slab++)
            load_weights(pieces[slab], slab, slabs);
#pragma unroll
        for (u32 slab = 0; slab < AHEAD; slab++)
            copy_slab(slab, slab, slabs, source);
        u32 stage = 0;
#pragma unroll 1
        for (u32 slab = 0; slab < slabs; slab += WEIGHT_TURNS)
        {
#pragma unroll
            for (u32 turn = 0; turn < WEIGHT_TURNS; turn++)
                take_slab(slab + turn, stage, slabs, pieces[turn], pieces[(turn + WEIGHT_TURNS - 1) % WEIGHT_TURNS], source);
        }
        wait_for_multiplications<0>();
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i++)
            read_from_here_on(sums[i]);
    }

    // Hands the sums out by way of shared memory: store(row, eight sums, asked) for each row of the block that this thread stores, from
    // stored_column() on. What it wants of memory is asked for before the sums are there, by early(row).
    template<typename Early, typename Store>
    DEVICE void store_sums(const Early& early, const Store& store)
    {
        u32 lane = thread() % 32, column = thread() / 32 * 16 + lane / 4, eight = thread() % EIGHTS, first_row = thread() / EIGHTS;
#pragma unroll
        for (u32 chunk = 0; chunk < ROWS / CHUNK; chunk++)
        {
            u32x4 asked[PASSES];
#pragma unroll
            for (u32 i = 0; i < PASSES; i++)
                asked[i] = early(chunk * CHUNK + first_row + i * PASS_ROWS);
            barrier();
#pragma unroll
            for (u32 i = 0; i < CHUNK / 8; i++)
            {
#pragma unroll
                for (u32 c = 0; c < 4; c++)
                    store_shared(
                        stages + ((i * 8 + lane % 4 * 2 + c % 2) * STRIDE + column + c / 2 * 8) * 4, sums[(chunk * CHUNK / 8 + i) * 4 + c]);
            }
            barrier();
#pragma unroll
            for (u32 i = 0; i < PASSES; i++)
            {
                u32 row = first_row + i * PASS_ROWS;
                float values[8];
                load_shared_eight(stages + (row * STRIDE + eight * 8) * 4, values);
                store(chunk * CHUNK + row, values, asked[i]);
            }
        }
    }

private:
    DEVICE void load_weights(u32x4 (&pieces)[STEPS], u32 slab, u32 slabs)
    {
        // Past the last slab it is taken again, and not multiplied.
        u64 from = weight + (u64)(least(slab, slabs - 1) * STEPS) * 512;
#pragma unroll
        for (u32 step = 0; step < STEPS; step++)
            pieces[step] = load_here(from + step * 512);
    }

    template<typename Source>
    DEVICE void copy_slab(u32 stage, u32 slab, u32 slabs, Source& source)
    {
        if (slab < slabs)
        {
            source.begin_slab();
            u32 row = copied_row(), bytes;
            u64 from = source.piece(bytes);
            copy_async(stages + stage * STAGE_SIZE + row * (SLAB * 2) + (copied_piece() ^ row / 2 % PIECES) * 16, from, bytes);
        }
        // Also where there is nothing to copy, so that groups can be counted.
        commit_copies();
    }

    template<typename Source>
    DEVICE void take_slab(u32 slab, u32& stage, u32 slabs, u32x4 (&pieces)[STEPS], u32x4 (&later)[STEPS], Source& source)
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
        copy_slab((stage + AHEAD) % STAGES, slab + AHEAD, slabs, source);
        wait_for_multiplications<1>();
        load_weights(later, slab + WEIGHT_TURNS - 1, slabs);
        stage = stage + 1 < STAGES ? stage + 1 : 0;
    }
};
