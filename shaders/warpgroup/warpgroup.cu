// Linear layers and 3x3 convolutions by Hopper's warpgroup instructions: what linear_matrix and conv3x3_matrix are, on that generation
// of NVIDIA's GPUs. See products.cuh for how a block is multiplied.
//
// Weights fp16 in fragments; K a multiple of 32, N of a block's columns, rows any number; a convolution's channels a multiple of 32. A
// kernel takes one struct: the addresses of its buffers, its push constants, then what specialization constants are for a shader.
#include "products.cuh"

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

DEVICE u32x4 pack_eight(const float (&v)[8])
{
    u32x4 bits = {pack_halves(v[0], v[1]), pack_halves(v[2], v[3]), pack_halves(v[4], v[5]), pack_halves(v[6], v[7])};
    return bits;
}

// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n], as in linear_product.glsl: x and residual
// fp16[R, K] and [R, N], bias fp32[N], statistics fp32[R, 2] (mean, 1 / deviation) and residual_norm fp32[2, N] (weight, bias), spans
// fp32[R, S, 2] (mean, sum of squared deviations) of spans of x and y, y fp16[R, N] or fp32; parts and counters as in join_parts.glsl.
// norm_input is 0, 2 or 3. Members that are not read keep the others in their places.
struct Linear
{
    u64 x, weight, bias, residual, y, statistics, residual_statistics, residual_norm, input_spans, output_spans, parts, counters;
    u32 rows, inner, columns;
    float epsilon;
    u32 activation, has_bias, has_residual, norm_input, norm_residual, part_count, whole_slabs, whole_eights, input_span_count, leaves_spans, is_f32;
};

// Rows as they lie in memory.
template<typename Block>
struct Rows
{
    static constexpr bool ARE_READ_AGAIN = false;

    u64 x;
    u32 at[Block::COPIES];

    // Rows past the last one are it once more. It begins a slab in front of the first.
    DEVICE Rows(const Linear& p, u32 first_row, u32 first_slab) : x(p.x)
    {
#pragma unroll
        for (u32 i = 0; i < Block::COPIES; i++)
            at[i] = least(first_row + Block::copied_row(i), p.rows - 1) * (p.inner / 8) + Block::copied_piece() + first_slab * PIECES - PIECES;
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

// Mean and 1 / deviation of the block's rows, of their spans. Four lanes have a row.
template<typename Block>
DEVICE void merge_spans(const Block& block, const Linear& p, u32 first_row)
{
    constexpr u32 LANES = 4, STEP = Block::THREADS / LANES, UNROLLED = 4;
    u32 lane = thread() % LANES, count = p.input_span_count, length = p.inner / count;
    // What is there is done with.
    barrier();
#pragma unroll
    for (u32 first = 0; first < Block::ROWS; first += STEP)
    {
        u32 block_row = first + thread() / LANES, row = least(first_row + block_row, p.rows - 1);
        u64 spans = p.input_spans + (u64)row * count * 8;
        // Sums of squares around one of the means, as all may be far from 0.
        float origin = load_pair(spans).x, sum = 0, squares = 0, inner_squares = 0;
        for (u32 at = lane; at < count; at += LANES * UNROLLED)
        {
#pragma unroll
            for (u32 i = 0; i < UNROLLED; i++)
            {
                f32x2 span = load_pair(spans + (u64)least(at + i * LANES, count - 1) * 8);
                float difference = span.x - origin, is_in = at + i * LANES < count ? 1.0f : 0.0f;
                sum += is_in * difference;
                squares += is_in * difference * difference;
                inner_squares += is_in * span.y;
            }
        }
#pragma unroll
        for (u32 mask = 1; mask < LANES; mask *= 2)
        {
            sum += from_other_lane(sum, mask);
            squares += from_other_lane(squares, mask);
            inner_squares += from_other_lane(inner_squares, mask);
        }
        float shift = sum / (float)count, variance = (inner_squares + (float)length * (squares - sum * shift)) / (float)p.inner;
        f32x2 statistic = {origin + shift, reciprocal_root((variance > 0.0f ? variance : 0.0f) + p.epsilon)};
        if (lane == 0 && block_row < Block::ROWS)
        {
            block.keep_pair(block_row, statistic);
            // For others, once.
            if (block_x() == 0 && first_row + block_row < p.rows)
                store_pair(p.statistics + (u64)row * 8, statistic);
        }
    }
    barrier();
}

// Whether all other parts of the block are in memory, after this one's.
template<typename Block>
DEVICE bool is_last_part(const Block& block, u64 counter, u32 parts)
{
    fence_blocks();
    barrier();
    if (thread() == 0)
    {
        fence_blocks();
        u32 before = count_at(counter);
        if (before == parts - 1)
            store_word(counter, 0);
        fence_blocks();
        store_shared(block.stages, before == parts - 1 ? 1.0f : 0.0f);
    }
    barrier();
    bool is_last = load_shared_pair(block.stages).x != 0;
    fence_blocks();
    return is_last;
}

template<typename Block, bool MAY_JOIN>
DEVICE void make_linear(const Linear& p)
{
    u32 part = MAY_JOIN && p.part_count > 1 ? block_z() : 0, row_block = block_y() + (MAY_JOIN && p.part_count > 1 ? 0 : block_z() * blocks_y());
    u32 first_row = row_block * Block::ROWS, first_column = block_x() * Block::COLUMNS;
    if (first_row >= p.rows)
        return;
    // k is a multiple of the parts' slabs.
    u32 slabs = p.inner / SLAB / (MAY_JOIN ? p.part_count : 1);
    Block block(p.weight, first_column, p.inner, part * slabs);
    if (MAY_JOIN)
        block.prefetch_weights(slabs);
    Rows<Block> rows(p, first_row, part * slabs);
    block.multiply_slabs(slabs, rows);

    if (MAY_JOIN && p.part_count > 1)
    {
        u32 block_index = row_block * blocks_x() + block_x();
        u64 parts = p.parts + (u64)(block_index * p.part_count) * Block::SUMS_SIZE;
        block.leave_part(parts + (u64)part * Block::SUMS_SIZE);
        if (!is_last_part(block, p.counters + (u64)block_index * 4, p.part_count))
            return;
        block.join_parts(parts, p.part_count);
    }
    if (p.norm_input == 3)
        merge_spans(block, p, first_row);

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
    // From sums to what is stored, of rows that are not there as well.
    auto finish = [&](u32 block_row, float (&v)[8], u32x4 residual) INLINED {
        u32 row = least(first_row + block_row, p.rows - 1);
        if (p.norm_input != 0)
        {
            f32x2 statistic = p.norm_input == 3 ? block.kept_pair(least(block_row, Block::ROWS - 1)) : load_pair(p.statistics + (u64)row * 8);
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
        bool is_there = block_row < Block::ROWS && first_row + block_row < p.rows;
        u32 at = row * p.columns + column;
        u32x4 bits = pack_eight(v);
        if (is_there && p.is_f32 != 0)
        {
            store_floats(p.y + (u64)at * 4, v);
            store_floats(p.y + (u64)at * 4 + 16, v + 4);
        }
        else if (is_there)
            store_bits(p.y + (u64)at * 2, bits);
        if (p.leaves_spans != 0)
        {
            // Of y as it is stored.
            if (p.is_f32 == 0)
                unpack_eight(bits, v);
            float sum = 0, squares = 0;
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                sum += v[c];
            float mean = Block::sum_over_row(sum) / (float)Block::COLUMNS;
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                squares += (v[c] - mean) * (v[c] - mean);
            f32x2 span = {mean, Block::sum_over_row(squares)};
            if (is_there && Block::stored_column() == 0)
                store_pair(p.output_spans + (u64)(row * blocks_x() + block_x()) * 8, span);
        }
    };
    if (MAY_JOIN)
        block.store_sums_in_turn(early, finish);
    else
        block.store_sums(early, finish);
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
template<typename Block>
struct Taps
{
    // A row's three taps are nearly the same pixels, and neighbouring rows share theirs.
    static constexpr bool ARE_READ_AGAIN = true;

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
        store_bits(p.y + (u64)output(pixel) * 2, pack_eight(v));
    });
}

using Block128x256 = Block<128, 4, 6, 4, 32>;
using Block128x128 = Block<128, 2, 6, 4, 80>;
using Block72x64 = Block<72, 1, 10, 8, 80>;
using Block136x128 = Block<136, 2, 5, 8, 80>;
using Block152x128 = Block<152, 2, 5, 8, 80>;

KERNEL(Block128x256::THREADS, 1) linear_128x256(Linear p) { make_linear<Block128x256, false>(p); }
KERNEL(Block72x64::THREADS, 1) linear_72x64(Linear p) { make_linear<Block72x64, true>(p); }
KERNEL(Block136x128::THREADS, 1) linear_136x128(Linear p) { make_linear<Block136x128, true>(p); }
KERNEL(Block152x128::THREADS, 1) linear_152x128(Linear p) { make_linear<Block152x128, true>(p); }
KERNEL(Block128x256::THREADS, 1) conv3x3_128x256(Convolution p) { make_convolution<Block128x256>(p); }
KERNEL(Block128x128::THREADS, 2) conv3x3_128x128(Convolution p) { make_convolution<Block128x128>(p); }
