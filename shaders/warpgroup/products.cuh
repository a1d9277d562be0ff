// Blocks of matrix products by Hopper's warpgroup instructions (wgmma), which SPIR-V has no words for.
//
// Warpgroups of four warps make a block, each one or two tiles of 64 of its columns, for all of its rows. The weights are the instruction's
// first factor. They go from memory straight into registers, as weight_fragments makes them for these kernels; so sums lie transposed, a
// column's rows in a thread. Slabs of the rows go to shared memory by asynchronous copies, to one stage after the other, rows of 64 bytes
// whose 16-byte pieces are swizzled as the instruction expects. Multiplications come in groups, of a slab or, by two tiles, of half of one.
// While a group is multiplied, the weights of the next two or three and the rows of the next STAGES - 2 slabs are on their way. A stage is
// filled again two slabs after it was multiplied, which every warpgroup has waited for before the barrier between.
//
// PTX's memory model wants a proxy fence between asynchronous copies and wgmma. There is none here, as there is none in CUTLASS's
// sm90_mma_multistage_gmma_ss, which feeds wgmma by such copies too: once they have been waited for, they are in shared memory. PTX
// does not promise that; the self-test finds out. With the fence, every slab waits for the weights that are on their way as well,
// which costs 5 %.
//
// Sums go out CHUNK rows at a time. A thread has those of two columns, so all that is done to a number is done where it is; then
// matrices of 8 x 8 are stored to shared memory, transposed, and rows come out, 16 bytes a thread. Residuals come in by the same way.
#pragma once
#include "eights.cuh"
#include "multiply.cuh"
#include "operands.cuh"

constexpr u32 SLAB = 32, PIECES = SLAB / 8, STEPS = SLAB / 16;

// Groups whose weights have registers; their turns are a round of the loop.
constexpr u32 WEIGHT_TURNS = 4;

template<u32 BLOCK_ROWS, u32 WARPGROUPS, u32 TILES_EACH, u32 STAGES, u32 CHUNK>
struct Block
{
    static constexpr u32 ROWS = BLOCK_ROWS, TILES = TILES_EACH, COLUMNS = 64 * TILES * WARPGROUPS, THREADS = 128 * WARPGROUPS;
    static constexpr u32 STAGE_SIZE = ROWS * SLAB * 2, AHEAD = STAGES - 2;

    // Steps of 16 of k in a group, and groups in a slab.
    static constexpr u32 GROUP_STEPS = STEPS / TILES, GROUPS = STEPS / GROUP_STEPS, ROUND_SLABS = WEIGHT_TURNS / GROUPS;
    static_assert(AHEAD <= ROUND_SLABS);

    // Pieces of a slab that a thread copies, of rows that lie COPY_STEP apart.
    static constexpr u32 COPY_STEP = THREADS / PIECES, COPIES = (ROWS + COPY_STEP - 1) / COPY_STEP;

    // Rows on their way out: 16 bits a number, a row's columns side by side, rows four banks apart; a thread has every PASS_ROWS-th. There are
    // two planes: a chunk's and the next one's, or the lower and the upper halves of a chunk of fp32. Behind them, two pairs of numbers for
    // each row.
    static constexpr u32 STRIDE = COLUMNS * 2 + 16, PLANE = CHUNK * STRIDE, EIGHTS = COLUMNS / 8, PAIRS_AT = 2 * PLANE;
    static constexpr u32 PASS_ROWS = THREADS / EIGHTS, PASSES = CHUNK / PASS_ROWS;
    static_assert(STEPS % TILES == 0 && ROWS % CHUNK == 0 && CHUNK % 16 == 0 && CHUNK % PASS_ROWS == 0 && THREADS >= ROWS);
    static_assert(STAGES * STAGE_SIZE <= SHARED_MEMORY && PAIRS_AT + 2 * ROWS * 8 <= SHARED_MEMORY);

    u32 stages; // in shared memory, at a multiple of 1024
    u64 weight, tile_size; // of this lane: where the next groups' weights of the warp's first 16 columns are; and from those to the next tile's
    float sums[TILES][ROWS / 2];

    DEVICE Block(u64 weights, u32 first_column, u32 inner) : stages(shared_memory())
    {
        weight = weights + ((u64)((first_column + warp_column(0)) / 16) * inner * 2 + thread() % 32) * 16;
        tile_size = (u64)inner * 64 * 2;
#pragma unroll
        for (u32 tile = 0; tile < TILES; tile++)
        {
#pragma unroll
            for (u32 i = 0; i < ROWS / 2; i++)
                sums[tile][i] = 0;
        }
    }

    // Row of the block of which this thread copies a piece of every slab, and which piece that is.
    static DEVICE u32 copied_row(u32 i) { return thread() / PIECES + i * COPY_STEP; }
    static DEVICE u32 copied_piece() { return thread() % PIECES; }

    // Of the block's columns: the lower one of the two of a tile that this thread has sums of, eight columns apart; and the first of the
    // eight that it hands out.
    static DEVICE u32 summed_column(u32 tile) { return warp_column(tile) + thread() % 32 / 4; }
    static DEVICE u32 stored_column() { return thread() % EIGHTS * 8; }

    // Sums over k of slabs, whole rounds of them. The source of rows is asked for them in their order: begin_slab(), then piece(i, bytes) for
    // where this thread's i-th lies, and 0 bytes where there is nothing but zeros. ARE_READ_AGAIN tells whether the same rows are soon asked
    // for again, ENDS_ITSELF whether there are zeros behind the last slab. While the last group is multiplied, last() may ask for what the
    // end wants; afterwards all of shared memory is free.
    template<typename Source, typename Last>
    DEVICE void multiply_slabs(u32 slabs, Source& source, const Last& last)
    {
        u32x4 pieces[WEIGHT_TURNS][GROUP_STEPS][TILES];
        load_weights(pieces[0], weight, 0);
        load_weights(pieces[1], weight, 1);
#pragma unroll
        for (u32 slab = 0; slab < AHEAD; slab++)
            copy_slab(slab, true, source);
        u32 stage = 0;
#pragma unroll 1
        for (u32 left = slabs; left > 0; left -= ROUND_SLABS)
        {
            // How far the next round's weights are. Behind the last round its own are read once more.
            u32 next = left > ROUND_SLABS ? WEIGHT_TURNS * GROUP_STEPS * FRAGMENT_SIZE : 0;
            take_group<0>(left, stage, pieces, next, source);
            take_group<1>(left, stage, pieces, next, source);
            take_group<2>(left, stage, pieces, next, source);
            take_group<3>(left, stage, pieces, next, source);
            weight += next;
        }
        last();
        wait_for_multiplications<0>();
        // Zeros behind the last slab are on their way as well.
        wait_for_copies<0>();
#pragma unroll
        for (u32 tile = 0; tile < TILES; tile++)
        {
#pragma unroll
            for (u32 i = 0; i < ROWS / 2; i++)
                read_from_here_on(sums[tile][i]);
        }
        barrier();
    }

    // Two pairs of numbers for each row of the block, which store_sums reads for finish(); and both of two neighbouring rows.
    DEVICE void keep_pair(u32 which, u32 row, f32x2 v) const { store_shared_pair(stages + PAIRS_AT + (which * ROWS + row) * 8, v); }
    DEVICE f32x4 kept_pairs(u32 which, u32 row) const { return load_shared_floats(stages + PAIRS_AT + (which * ROWS + row) * 8); }

    // Hands the sums out. finish(row, tile, v, r) makes of four sums v what is stored: of two neighbouring rows from that one of the block on,
    // of summed_column(tile) and then of the column eight further; r are their residuals. residual(row, bytes) tells where the eight numbers of
    // this thread's columns lie, and 0 bytes where there are none. store(first_row, rows) takes PASSES rows, PASS_ROWS apart, this thread's
    // eight numbers of each; all threads of a row, EIGHTS side by side, are there together.
    template<bool MAY_BE_F32, typename Residual, typename Finish, typename Store>
    DEVICE void store_sums(bool has_residual, bool is_f32, const Residual& residual, const Finish& finish, const Store& store)
    {
        bool halves_alone = !MAY_BE_F32 || !is_f32;
        auto plane_of = [&](u32 chunk) INLINED { return stages + (halves_alone ? chunk / CHUNK % 2 * PLANE : 0); };
        if (has_residual)
            copy_residuals(0, plane_of(0), residual);
#pragma unroll
        for (u32 chunk = 0; chunk < ROWS; chunk += CHUNK)
        {
            u32 plane = plane_of(chunk);
            if (has_residual)
            {
                // A thread copies to where it has itself read what was there.
                if (halves_alone && chunk + CHUNK < ROWS)
                {
                    copy_residuals(chunk + CHUNK, plane_of(chunk + CHUNK), residual);
                    wait_for_copies<1>();
                }
                else
                {
                    if (!halves_alone && chunk > 0)
                        copy_residuals(chunk, plane, residual);
                    wait_for_copies<0>();
                }
            }
            // Residuals are there, or both planes are free. A plane of the other one's turn is free since the barrier in between.
            if (chunk == 0 || has_residual || !halves_alone)
                barrier();
            share_chunk<MAY_BE_F32>(chunk, plane, has_residual, is_f32, finish);
            barrier();
            Eights rows[PASSES];
#pragma unroll
            for (u32 i = 0; i < PASSES; i++)
                rows[i] = load_row<MAY_BE_F32>(plane, thread() / EIGHTS + i * PASS_ROWS, is_f32);
            store(chunk + thread() / EIGHTS, rows);
        }
    }

private:
    // Asks for the residuals of a chunk, to be where its rows will be.
    template<typename Residual>
    DEVICE void copy_residuals(u32 chunk, u32 plane, const Residual& residual) const
    {
#pragma unroll
        for (u32 i = 0; i < PASSES; i++)
        {
            u32 row = thread() / EIGHTS + i * PASS_ROWS, bytes;
            u64 from = residual(chunk + row, bytes);
            copy_async(plane + row * STRIDE + thread() % EIGHTS * 16, from, bytes);
        }
        commit_copies();
    }

    // Finishes a chunk's sums and stores them as rows, 16 at a time: a lane tells where one of eight rows of a matrix begins.
    template<bool MAY_BE_F32, typename Finish>
    DEVICE void share_chunk(u32 chunk, u32 plane, bool has_residual, bool is_f32, const Finish& finish)
    {
        u32 lane = thread() % 32, in_chunk = plane + (lane / 16 * 8 + lane % 8) * STRIDE + lane / 8 % 2 * 16;
#pragma unroll
        for (u32 i = 0; i < CHUNK / 16 * TILES; i++)
        {
            u32 tile = i % TILES, first_row = i / TILES * 16, at = in_chunk + first_row * STRIDE + warp_column(tile) * 2;
            u32x4 residuals = {}, low, high;
            if (has_residual)
                residuals = load_transposed(at);
#pragma unroll
            for (u32 eight = 0; eight < 2; eight++)
            {
                float v[4], r[4];
                u32 row = chunk + first_row + eight * 8;
#pragma unroll
                for (u32 c = 0; c < 4; c++)
                    v[c] = sums[tile][row / 2 + c];
                unpack_halves(residuals[eight * 2], r[0], r[1]);
                unpack_halves(residuals[eight * 2 + 1], r[2], r[3]);
                finish(row + lane % 4 * 2, tile, v, r);
#pragma unroll
                for (u32 c = 0; c < 2; c++)
                {
                    if (MAY_BE_F32 && is_f32)
                    {
                        low[eight * 2 + c] = low_halves(v[c * 2], v[c * 2 + 1]);
                        high[eight * 2 + c] = high_halves(v[c * 2], v[c * 2 + 1]);
                    }
                    else
                        low[eight * 2 + c] = pack_halves(v[c * 2], v[c * 2 + 1]);
                }
            }
            store_transposed(at, low);
            if (MAY_BE_F32 && is_f32)
                store_transposed(at + PLANE, high);
        }
    }

    template<bool MAY_BE_F32>
    DEVICE Eights load_row(u32 plane, u32 row, bool is_f32) const
    {
        Eights numbers;
        u32 at = plane + row * STRIDE + thread() % EIGHTS * 16;
        numbers.bits = load_shared_bits(at);
        if (MAY_BE_F32 && is_f32)
        {
            u32x4 high = load_shared_bits(at + PLANE);
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                join_halves(numbers.bits[c], high[c], numbers.v[2 * c], numbers.v[2 * c + 1]);
        }
        return numbers;
    }

    // The first of a tile's columns that this warp has.
    static DEVICE u32 warp_column(u32 tile) { return (thread() / 128 * TILES + tile) * 64 + thread() / 32 % 4 * 16; }

    // Those of the group that is so many further than where a round's first ones are.
    DEVICE void load_weights(u32x4 (&pieces)[GROUP_STEPS][TILES], u64 from, u32 group) const
    {
#pragma unroll
        for (u32 tile = 0; tile < TILES; tile++)
        {
#pragma unroll
            for (u32 step = 0; step < GROUP_STEPS; step++)
                pieces[step][tile] = load_here(from + tile * tile_size + (group * GROUP_STEPS + step) * FRAGMENT_SIZE);
        }
    }

    template<typename Source>
    DEVICE void copy_slab(u32 stage, bool is_there, Source& source)
    {
        if (is_there)
        {
            source.begin_slab();
#pragma unroll
            for (u32 i = 0; i < COPIES; i++)
            {
                u32 row = copied_row(i), bytes;
                u64 from = source.piece(i, bytes);
                u32 to = stages + stage * STAGE_SIZE + row * (SLAB * 2) + (copied_piece() ^ row / 2 % PIECES) * 16;
                if (ROWS % COPY_STEP != 0 && row >= ROWS)
                    continue;
                if (Source::ARE_READ_AGAIN)
                    copy_async_near(to, from, bytes);
                else
                    copy_async(to, from, bytes);
            }
        }
        // Also where there is nothing to copy, so that groups can be counted.
        commit_copies();
    }

    // A warp has few counters of what it waits for, and the compiler has all loads share one that the next round waits for: so its first
    // group waits for the latest of them. Therefore a round's last turn loads nothing, and the next first turn its weights, behind that wait.
    template<u32 TURN, typename Source>
    DEVICE void take_group(u32 left, u32& stage, u32x4 (&pieces)[WEIGHT_TURNS][GROUP_STEPS][TILES], u32 next, Source& source)
    {
        constexpr bool BEGINS_SLAB = TURN % GROUPS == 0, ENDS_SLAB = TURN % GROUPS == GROUPS - 1;
        if (BEGINS_SLAB)
        {
            wait_for_copies<AHEAD - 1>();
            barrier();
        }
        u64 rows = describe_matrix(stages + stage * STAGE_SIZE, SWIZZLE_64_BYTES);
        begin_multiplications();
#pragma unroll
        for (u32 step = 0; step < GROUP_STEPS; step++)
        {
#pragma unroll
            for (u32 tile = 0; tile < TILES; tile++)
                multiply(sums[tile], pieces[TURN][step][tile], rows + (TURN % GROUPS * GROUP_STEPS + step) * 2);
        }
        commit_multiplications();
        if (TURN == 0)
            load_weights(pieces[2], weight, 2);
        if (BEGINS_SLAB)
            copy_slab(stage < STAGES - AHEAD ? stage + AHEAD : stage + AHEAD - STAGES, Source::ENDS_ITSELF || TURN / GROUPS + AHEAD < left, source);
        wait_for_multiplications<1>();
        if (TURN == 0)
            load_weights(pieces[3], weight, 3);
        else if (TURN < 3)
            load_weights(pieces[TURN - 1], weight + next, TURN - 1);
        if (ENDS_SLAB)
            stage = stage + 1 < STAGES ? stage + 1 : 0;
    }
};
