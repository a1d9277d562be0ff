// Attention by Hopper's warpgroup instructions: what attention_subgroup is, on that generation of NVIDIA's GPUs.
//
// A warpgroup answers 64 queries of one head, in registers; a block's warpgroups share keys and values, of which one batch comes to shared
// memory while the one before is attended to. Scores lie as the instruction leaves its sums, two rows a thread, of which a quad has all
// keys; which is how it takes its first factor, so weights go from one multiplication straight to the next.
#pragma once
#include "chain.cuh"
#include "eights.cuh"
#include "multiply.cuh"
#include "operands.cuh"

// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(HEAD)) * v[b, s, h], as in attention.comp: qkv
// fp16[B, T, 3C], y fp16[B, T, C], C of all heads; awaited and counted as in Linear.
struct Attention
{
    u64 qkv, y, awaited, counted;
    u32 tokens, heads, awaited_blocks, is_counted;
};

// HEAD is a multiple of 16 up to 64, KEYS of 16.
template<u32 HEAD_WIDTH, u32 WARPGROUPS, u32 BATCH_KEYS>
struct Attend
{
    static constexpr u32 HEAD = HEAD_WIDTH, KEYS = BATCH_KEYS, THREADS = 128 * WARPGROUPS, QUERIES = 64 * WARPGROUPS;

    // Keys and values are rows of 128 bytes, of which a narrow head leaves some empty, with 16-byte pieces swizzled as the instruction
    // expects: eight rows after eight.
    static constexpr u32 ROW_SIZE = 128, PIECES = HEAD / 8, MATRIX_SIZE = KEYS * ROW_SIZE, BATCH_SIZE = 2 * MATRIX_SIZE, BATCHES = 2;
    static constexpr u32 COPIES = (KEYS * PIECES + THREADS - 1) / THREADS;

    // Answers on their way out, where a batch was: a warp's rows, four banks apart.
    static constexpr u32 STRIDE = HEAD * 2 + 16, WARP_ROWS = 16, WARP_SIZE = WARP_ROWS * STRIDE;
    static_assert(HEAD % 16 == 0 && HEAD <= 64 && KEYS % 16 == 0 && BATCHES * BATCH_SIZE <= SHARED_MEMORY && THREADS / 32 * WARP_SIZE <= BATCH_SIZE);

    // In elements of a token, and where the sequence's tokens and the head's channels begin.
    u32 channels, tokens;
    u64 head;
    u32 batches; // in shared memory, at a multiple of 1024

    DEVICE Attend(const Attention& p) : channels(p.heads * HEAD), tokens(p.tokens), batches(shared_memory())
    {
        head = p.qkv + ((u64)block_z() * tokens * 3 * channels + block_y() * HEAD) * 2;
    }

    DEVICE void answer(const Attention& p)
    {
        u32 first_query = block_x() * QUERIES + thread() / 128 * 64, count = (tokens + KEYS - 1) / KEYS;
        // A warpgroup without queries only brings keys.
        bool has_queries = first_query < tokens;
        await_blocks(p.awaited, p.awaited_blocks);
        copy_batch(0);
        u32x4 queries[HEAD / 16];
        load_queries(queries, first_query);
        float answers[HEAD / 2] = {}, largest[2] = {LOWEST, LOWEST}, sums[2] = {};
#pragma unroll 1
        for (u32 batch = 0; batch < count; batch++)
        {
            wait_for_copies<0>();
            // The batch is there, and everybody is done with the one before.
            barrier();
            if (batch + 1 < count)
                copy_batch(batch + 1);
            if (has_queries)
                attend(queries, answers, largest, sums, batch);
        }
        if (has_queries)
        {
#pragma unroll
            for (u32 row = 0; row < 2; row++)
                sums[row] = reciprocal(over_quad(sums[row], [](float a, float b) INLINED { return a + b; }));
            store_answers(p, answers, sums, first_query, batches + count % BATCHES * BATCH_SIZE);
        }
        count_block(p.counted, p.is_counted);
    }

private:
    // Below any score, and still a number when another one is taken from it.
    static constexpr float LOWEST = -1e30f;

    DEVICE void copy_batch(u32 batch)
    {
#pragma unroll
        for (u32 i = 0; i < COPIES; i++)
        {
            u32 piece = thread() + i * THREADS, row = piece / PIECES, column = piece % PIECES, token = batch * KEYS + row;
            // Where there is no key there are zeros, or what no weight is given might still be no number.
            u32 bytes = token < tokens ? 16 : 0, to = batches + batch % BATCHES * BATCH_SIZE + row * ROW_SIZE + (column ^ row % 8) * 16;
            u64 key = head + ((u64)(least(token, tokens - 1) * 3 + 1) * channels + column * 8) * 2;
            if ((i + 1) * THREADS <= KEYS * PIECES || piece < KEYS * PIECES)
            {
                copy_async(to, key, bytes);
                copy_async(to + MATRIX_SIZE, key + channels * 2, bytes);
            }
        }
        commit_copies();
    }

    // Of rows lane / 4 and eight further of the warp's 16, as the first factor's fragments lie.
    DEVICE void load_queries(u32x4 (&queries)[HEAD / 16], u32 first_query) const
    {
        u32 lane = thread() % 32, first = first_query + thread() / 32 % 4 * WARP_ROWS + lane / 4;
        u64 low = head + ((u64)least(first, tokens - 1) * 3 * channels + lane % 4 * 2) * 2;
        u64 high = head + ((u64)least(first + 8, tokens - 1) * 3 * channels + lane % 4 * 2) * 2;
#pragma unroll
        for (u32 step = 0; step < HEAD / 16; step++)
        {
            u32x4 fragment = {
                load_word(low + step * 32), load_word(high + step * 32), load_word(low + step * 32 + 16), load_word(high + step * 32 + 16)};
            queries[step] = fragment;
        }
    }

    // Of a number of each thread of a quad.
    template<typename Join>
    static DEVICE float over_quad(float v, const Join& join)
    {
        v = join(v, from_other_lane(v, 1));
        return join(v, from_other_lane(v, 2));
    }

    // Weighs a batch's values in.
    DEVICE void attend(
        u32x4 (&queries)[HEAD / 16], float (&answers)[HEAD / 2], float (&largest)[2], float (&sums)[2], u32 batch) const
    {
        u32 keys = batches + batch % BATCHES * BATCH_SIZE;
        u64 key_rows = describe_matrix(keys, SWIZZLE_128_BYTES), value_rows = describe_matrix(keys + MATRIX_SIZE, SWIZZLE_128_BYTES);
        float scores[KEYS / 2] = {};
        begin_multiplications();
#pragma unroll
        for (u32 step = 0; step < HEAD / 16; step++)
            multiply(scores, queries[step], key_rows + step * 2);
        commit_multiplications();
        wait_for_multiplications<0>();
#pragma unroll
        for (u32 i = 0; i < KEYS / 2; i++)
            read_from_here_on(scores[i]);
        if ((batch + 1) * KEYS > tokens)
        {
            u32 first = batch * KEYS + thread() % 4 * 2;
#pragma unroll
            for (u32 i = 0; i < KEYS / 2; i++)
                scores[i] = first + i / 4 * 8 + i % 2 < tokens ? scores[i] : LOWEST;
        }
        // Powers of two: of a score times SCALE.
        constexpr float SCALE = LOG2_E / root(HEAD);
#pragma unroll
        for (u32 row = 0; row < 2; row++)
        {
            float most = largest[row];
#pragma unroll
            for (u32 i = 0; i < KEYS / 4; i++)
                most = greatest(most, scores[i / 2 * 4 + row * 2 + i % 2]);
            most = over_quad(most, [](float a, float b) INLINED { return greatest(a, b); });
            float shrink = power_of_two((largest[row] - most) * SCALE);
            largest[row] = most;
            sums[row] *= shrink;
#pragma unroll
            for (u32 i = 0; i < KEYS / 4; i++)
            {
                float& score = scores[i / 2 * 4 + row * 2 + i % 2];
                score = power_of_two(score * SCALE - most * SCALE);
                sums[row] += score;
            }
#pragma unroll
            for (u32 i = 0; i < HEAD / 4; i++)
                answers[i / 2 * 4 + row * 2 + i % 2] *= shrink;
        }
        u32x4 weights[KEYS / 16];
#pragma unroll
        for (u32 step = 0; step < KEYS / 16; step++)
        {
            const float* s = scores + step * 8;
            u32x4 fragment = {pack_halves(s[0], s[1]), pack_halves(s[2], s[3]), pack_halves(s[4], s[5]), pack_halves(s[6], s[7])};
            weights[step] = fragment;
        }
        begin_multiplications();
#pragma unroll
        for (u32 step = 0; step < KEYS / 16; step++)
            multiply_transposed(answers, weights[step], value_rows + step * (16 * ROW_SIZE >> 4));
        commit_multiplications();
        wait_for_multiplications<0>();
#pragma unroll
        for (u32 i = 0; i < HEAD / 2; i++)
            read_from_here_on(answers[i]);
    }

    // A warp's 16 rows by way of shared memory, from which they go out in pieces of 16 bytes.
    DEVICE void store_answers(const Attention& p, const float (&answers)[HEAD / 2], const float (&factors)[2], u32 first_query, u32 room) const
    {
        u32 lane = thread() % 32, first_row = first_query + thread() / 32 % 4 * WARP_ROWS;
        u32 at = room + thread() / 32 * WARP_SIZE, row_at = at + (lane / 8 % 2 * 8 + lane % 8) * STRIDE + lane / 16 * 16;
#pragma unroll
        for (u32 step = 0; step < HEAD / 16; step++)
        {
            const float* a = answers + step * 8;
            u32x4 matrices = {
                pack_halves(a[0] * factors[0], a[1] * factors[0]), pack_halves(a[2] * factors[1], a[3] * factors[1]),
                pack_halves(a[4] * factors[0], a[5] * factors[0]), pack_halves(a[6] * factors[1], a[7] * factors[1])};
            store_matrices(row_at + step * 32, matrices);
        }
        warp_barrier();
#pragma unroll
        for (u32 i = 0; i < (WARP_ROWS * PIECES + 31) / 32; i++)
        {
            u32 piece = lane + i * 32, row = piece / PIECES, column = piece % PIECES, token = first_row + row;
            if (piece < WARP_ROWS * PIECES && token < tokens)
                store_bits(p.y + (((u64)block_z() * tokens + token) * channels + block_y() * HEAD + column * 8) * 2, load_shared_bits(at + row * STRIDE + column * 16));
        }
    }

    static constexpr float root(u32 width)
    {
        float root = 1;
        for (int i = 0; i < 32; i++)
            root = (root + (float)width / root) / 2;
        return root;
    }
};
