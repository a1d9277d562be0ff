// Blocks of matrix products for few rows, by Hopper's warpgroup instructions: what Block of products.cuh is for many.
//
// Such a product is over in a few microseconds, of which what comes before its sums and after them takes as much as they do, and a
// processor is bound by what it can take from the level 2 cache. So slabs are as wide as shared memory allows. Weights are
// loaded in batches of slabs, as a thread can wait for all of its loads, but hardly for some; a batch later they are put in the order of
// the multiplications. What the end wants of rows and columns is asked for before the first slab is there, and kept
// behind the stages; and what it wants of memory for its first rows, before the last batch.
#pragma once
#include "eights.cuh"
#include "multiply.cuh"
#include "operands.cuh"

// ROWS is a multiple of eight. SLAB_STEPS times 16 of k are a slab, of which BATCH are a batch. Sums go out by CHUNK rows at a time, FLIGHT
// of a thread's side by side.
template<u32 BLOCK_ROWS, u32 WARPGROUPS, u32 SLAB_STEPS, u32 STAGES, u32 BATCH, u32 CHUNK, u32 FLIGHT>
struct FewRowsBlock
{
    static constexpr u32 ROWS = BLOCK_ROWS, COLUMNS = 64 * WARPGROUPS, THREADS = 128 * WARPGROUPS, STEPS = SLAB_STEPS, ROWS_AT_ONCE = FLIGHT;
    static constexpr u32 SLAB = 16 * STEPS, BATCH_WIDTH = BATCH * SLAB, PIECES = SLAB / 8, ROW_SIZE = SLAB * 2, STAGE_SIZE = ROWS * ROW_SIZE, AHEAD = STAGES - 2;

    // Pieces of a slab that a thread copies, of rows that lie COPY_STEP apart.
    static constexpr u32 COPY_STEP = THREADS / PIECES, COPIES = (ROWS + COPY_STEP - 1) / COPY_STEP;

    // Sums on their way out: fp32, a row's columns side by side, rows four banks apart. A thread hands out eight columns of a row, and
    // of every PASS_ROWS-th.
    static constexpr u32 STRIDE = COLUMNS + 4, EIGHTS = COLUMNS / 8, PASS_ROWS = THREADS / EIGHTS;

    // Behind the stages: a word that is 0, two pairs of numbers for each row, and four numbers for each column.
    static constexpr u32 SIDE_AT = SHARED_MEMORY - (ROWS + COLUMNS) * 16, NOTHING_AT = SIDE_AT - 16;
    static_assert(ROWS % 8 == 0 && CHUNK % (FLIGHT * PASS_ROWS) == 0 && AHEAD > 0);
    static_assert(STAGES * STAGE_SIZE <= NOTHING_AT && CHUNK * STRIDE * 4 <= NOTHING_AT);
    static_assert(STEPS == 2 || STEPS == 4);

    u32 stages; // in shared memory, at a multiple of 1024
    u64 weight; // of this lane: of the warp's 16 columns, from the first slab on
    float sums[ROWS / 2];

    // Of the rows: where the next slab begins, and for this thread's pieces how far behind it, and how many bytes. Of rows past the last
    // there is nothing to read: if all read the last one instead, they would wait for each other.
    u64 rows;
    u32 piece_at[COPIES], piece_size[COPIES];

    DEVICE FewRowsBlock(u64 x, u64 weights, u32 row_count, u32 first_row, u32 first_column, u32 inner, u32 first_slab) : stages(shared_memory())
    {
        weight = weights + ((u64)((first_column / 16 + thread() / 32) * (inner / 16) + first_slab * STEPS) * 32 + thread() % 32) * 16;
        rows = x + (u64)first_slab * ROW_SIZE;
#pragma unroll
        for (u32 i = 0; i < COPIES; i++)
        {
            u32 row = first_row + copied_row(i);
            piece_at[i] = (least(row, row_count - 1) * (inner / 8) + thread() % PIECES) * 16;
            piece_size[i] = row < row_count ? 16 : 0;
        }
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i++)
            sums[i] = 0;
    }

    // Asks for the weights of every batch after the first, to be brought to the level 2 cache.
    DEVICE void prefetch_weights(u32 slabs) const
    {
        if (thread() % 32 == 0 && slabs > BATCH)
            prefetch(weight + BATCH * STEPS * FRAGMENT_SIZE, (slabs - BATCH) * STEPS * FRAGMENT_SIZE);
    }

    static DEVICE u32 copied_row(u32 i) { return thread() / PIECES + i * COPY_STEP; }

    // Of the columns that this thread hands out, always the same eight, the first.
    static DEVICE u32 stored_column() { return thread() % EIGHTS * 8; }

    // Where a row's pairs are, and a column's number.
    DEVICE u32 side_of_row(u32 row) const { return stages + SIDE_AT + row * 16; }
    DEVICE u32 side_of_column(u32 number, u32 column) const { return stages + SIDE_AT + ROWS * 16 + (number * COLUMNS + column) * 4; }

    // Sums over k of slabs, a multiple of BATCH. Before_rows is called when the first weights are on their way and no rows are, meanwhile before
    // the first slab is waited for, and at_last before the last batch is over.
    template<typename BeforeRows, typename Meanwhile, typename AtLast>
    DEVICE void multiply_slabs(u32 slabs, const BeforeRows& before_rows, const Meanwhile& meanwhile, const AtLast& at_last)
    {
        u32x4 coming[BATCH][STEPS], one[BATCH][STEPS], other[BATCH][STEPS];
        u64 from = weight;
        load_weights(coming, from);
        before_rows();
        u32 filled = stages, taken = stages;
#pragma unroll
        for (u32 slab = 0; slab < AHEAD; slab++)
            copy_slab(filled, slab < slabs);
        if (thread() == 0)
            store_shared(stages + NOTHING_AT, 0.0f);
        meanwhile();
        // Slabs that have been asked for.
        u32 slab = AHEAD;
#pragma unroll 1
        for (u32 batches = slabs / BATCH;; batches -= 2)
        {
            if (batches == 1)
            {
                take_batch<false>(slab, slabs, taken, filled, coming, one, from, at_last);
                break;
            }
            take_batch<true>(slab, slabs, taken, filled, coming, one, from, at_last);
            if (batches == 2)
            {
                take_batch<false>(slab, slabs, taken, filled, coming, other, from, at_last);
                break;
            }
            take_batch<true>(slab, slabs, taken, filled, coming, other, from, at_last);
        }
        wait_for_multiplications<0>();
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i++)
            read_from_here_on(sums[i]);
    }

    // Sums of all threads, as they have them: 16 bytes of each, side by side.
    static constexpr u32 SUMS_SIZE = ROWS * COLUMNS * 4;

    DEVICE void leave_part(u64 to) const
    {
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i += 4)
            store_floats(to + (i / 4 * THREADS + thread()) * 16, sums + i);
    }

    // The sum of parts that lie one behind the other, in an order that never changes, takes the place of the sums.
    DEVICE void join_parts(u64 from, u32 parts)
    {
#pragma unroll
        for (u32 i = 0; i < ROWS / 2; i++)
            sums[i] = 0;
#pragma unroll 1
        for (u32 part = 0; part < parts; part++)
        {
            f32x4 fours[ROWS / 8];
#pragma unroll
            for (u32 i = 0; i < ROWS / 8; i++)
                fours[i] = load_of_blocks(from + (u64)part * SUMS_SIZE + (i * THREADS + thread()) * 16);
#pragma unroll
            for (u32 i = 0; i < ROWS / 2; i++)
                sums[i] += fours[i / 4][i % 4];
        }
    }

    // What early(row) asks of memory for the first rows that this thread hands out.
    template<typename Early>
    static DEVICE void ask(u32x4 (&asked)[FLIGHT], const Early& early)
    {
#pragma unroll
        for (u32 i = 0; i < FLIGHT; i++)
            asked[i] = early(thread() / EIGHTS + i * PASS_ROWS);
    }

    // Hands the sums out by way of shared memory: store(row, sums, asked) for FLIGHT of the block's rows at a time, from that row on and
    // PASS_ROWS apart, eight sums of each from stored_column() on; rows come up to a multiple of CHUNK, those past the last with anything.
    // What it wants of memory comes from early(row), that of the first by ask(). All threads of a row, EIGHTS side by side, are there together.
    template<typename Early, typename Store>
    DEVICE void store_sums(u32x4 (&asked)[FLIGHT], const Early& early, const Store& store)
    {
        constexpr u32 FLIGHT_ROWS = FLIGHT * PASS_ROWS;
        u32 first_row = thread() / EIGHTS;
#pragma unroll
        for (u32 chunk = 0; chunk < ROWS; chunk += CHUNK)
        {
            share_sums(chunk);
#pragma unroll 1
            for (u32 row = first_row; row < CHUNK; row += FLIGHT_ROWS)
            {
                float values[FLIGHT][8];
#pragma unroll
                for (u32 i = 0; i < FLIGHT; i++)
                    load_shared_eight(stages + ((row + i * PASS_ROWS) * STRIDE + stored_column()) * 4, values[i]);
                u32x4 now[FLIGHT];
#pragma unroll
                for (u32 i = 0; i < FLIGHT; i++)
                {
                    now[i] = asked[i];
                    asked[i] = early(chunk + row + FLIGHT_ROWS + i * PASS_ROWS);
                }
                store(chunk + row, values, now);
            }
        }
    }

private:
    // Brings CHUNK rows of the sums, from one on, to shared memory. What is there is done with.
    DEVICE void share_sums(u32 chunk) const
    {
        u32 lane = thread() % 32, column = thread() / 32 * 16 + lane / 4;
        barrier();
#pragma unroll
        for (u32 i = 0; i < CHUNK / 8 && chunk + i * 8 < ROWS; i++)
        {
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                store_shared(stages + ((i * 8 + lane % 4 * 2 + c % 2) * STRIDE + column + c / 2 * 8) * 4, sums[(chunk / 8 + i) * 4 + c]);
        }
        barrier();
    }

    DEVICE void load_weights(u32x4 (&batch)[BATCH][STEPS], u64& from)
    {
#pragma unroll
        for (u32 i = 0; i < BATCH * STEPS; i++)
            batch[i / STEPS][i % STEPS] = load_here(from + i * FRAGMENT_SIZE);
        from += BATCH * STEPS * FRAGMENT_SIZE;
    }

    // The next slab, which is there or not, to the next stage.
    DEVICE void copy_slab(u32& stage, bool is_there)
    {
        if (is_there)
        {
#pragma unroll
            for (u32 i = 0; i < COPIES; i++)
            {
                u32 row = copied_row(i), swizzle = STEPS == 4 ? row % 8 : row / 2 % 4;
                u32 to = stage + row * ROW_SIZE + (thread() % PIECES ^ swizzle) * 16;
                if (ROWS % COPY_STEP == 0 || i + 1 < COPIES || row < ROWS)
                    copy_async(to, rows + piece_at[i], piece_size[i]);
            }
        }
        rows += ROW_SIZE;
        // Also where there is nothing to copy, so that groups can be counted.
        commit_copies();
        stage = stage + STAGE_SIZE < stages + STAGES * STAGE_SIZE ? stage + STAGE_SIZE : stages;
    }

    // Multiplies a batch, whose weights have come by now, while those of the next are on their way.
    template<bool IS_NEXT_THERE, typename AtLast>
    DEVICE void take_batch(u32& slab, u32 slabs, u32& taken, u32& filled, u32x4 (&coming)[BATCH][STEPS], u32x4 (&batch)[BATCH][STEPS], u64& from,
        const AtLast& at_last)
    {
#pragma unroll
        for (u32 i = 0; i < BATCH; i++)
        {
            wait_for_copies<AHEAD - 1>();
            barrier();
            if (i == 0)
                take_over(coming, batch);
            u64 slab_rows = describe_matrix(taken, STEPS == 4 ? SWIZZLE_128_BYTES : SWIZZLE_64_BYTES);
            begin_multiplications();
#pragma unroll
            for (u32 step = 0; step < STEPS; step++)
                multiply(sums, batch[i][step], slab_rows + step * 2);
            commit_multiplications();
            if (i == 0 && IS_NEXT_THERE)
                load_weights(coming, from);
            if (i == 0 && !IS_NEXT_THERE)
                at_last();
            copy_slab(filled, slab < slabs);
            slab++;
            wait_for_multiplications<1>();
            taken = taken + STAGE_SIZE < stages + STAGES * STAGE_SIZE ? taken + STAGE_SIZE : stages;
        }
    }

    // What has come, to registers in the order that the multiplications want. A 0 that the compiler does
    // not know of keeps it here: otherwise it would wait for each load as soon as that has been issued.
    DEVICE void take_over(const u32x4 (&coming)[BATCH][STEPS], u32x4 (&batch)[BATCH][STEPS]) const
    {
        u32 nothing = load_shared_word(stages + NOTHING_AT);
#pragma unroll
        for (u32 i = 0; i < BATCH * STEPS; i++)
        {
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                batch[i / STEPS][i % STEPS][c] = coming[i / STEPS][i % STEPS][c] | nothing;
        }
    }
};
