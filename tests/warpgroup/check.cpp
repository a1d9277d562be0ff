// The warpgroup kernels on the device that device.cuh emulates, against the same sums in double precision. See run.sh.
#include "kernels.h"
#include <string>

static int passed, failed;
static u32 seed;

static float random_number()
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(half)((seed >> 8) / 16777216.0f - 0.5f);
}

static std::vector<half> halves(size_t count)
{
    std::vector<half> values(count);
    for (half& value : values)
        value = (half)random_number();
    return values;
}

static std::vector<float> floats(size_t count)
{
    std::vector<float> values(count);
    for (float& value : values)
        value = random_number();
    return values;
}

static double gelu_of(double x) { return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5))); }

// A weight [columns, inner] as weight_fragments leaves it on the driver that these kernels are for.
static void make_fragments(half* to, const std::vector<half>& weight, u32 columns, u32 inner)
{
    for (u32 n = 0; n < columns; n++)
    {
        for (u32 k = 0; k < inner; k++)
        {
            u32 block = n / 16 * (inner / 16) + k / 16, column = n % 16, step = k % 16;
            u32 lane = column % 8 * 4 + step % 8 / 2, element = step / 8 * 4 + column / 8 * 2 + step % 2;
            to[(size_t)block * 256 + lane * 8 + element] = weight[(size_t)n * inner + k];
        }
    }
}

// Of numbers that are rounded to fp16, and of those that are not.
static const double BOUND = 1e-3, FP32_BOUND = 2e-6;

static void report(const char* name, double error, double norm, double bound = BOUND)
{
    bool agrees = norm > 0 && std::sqrt(error / norm) < bound;
    (agrees ? passed : failed)++;
    std::printf("%s %s, copies %s, multiplications %s: differs by %.1e\n", agrees ? "ok    " : "FAILED", name, copies_are_late ? "late" : "early",
        multiplications_are_late ? "late" : "early", std::sqrt(error / norm));
}

// What a linear layer is asked to do.
struct Options
{
    // Rows where they are not two blocks, the last of them not full; and whether blocks of rows stand along z, as do those that are more
    // than a grid has along y.
    u32 rows = 0;
    bool is_folded = false;
    u32 inner = 384, activation = 0, has_bias = 0, has_residual = 0, norm_input = 0, norm_residual = 0, parts = 1, input_spans = 1, leaves_spans = 0;
    // In a chain: blocks of the launch before, 0 for none, and whether its own are counted.
    u32 awaited = 0, is_counted = 0;
};

// Statistics of rows that are normed: mean and 1 / deviation.
static std::vector<float> statistics_of(const std::vector<half>& x, u32 rows, u32 inner, double epsilon)
{
    std::vector<float> statistics(2 * rows);
    for (u32 r = 0; r < rows; r++)
    {
        double mean = 0, squares = 0;
        for (u32 k = 0; k < inner; k++)
            mean += (double)x[r * inner + k] / inner;
        for (u32 k = 0; k < inner; k++)
            squares += std::pow((double)x[r * inner + k] - mean, 2);
        statistics[2 * r] = (float)mean;
        statistics[2 * r + 1] = (float)(1 / std::sqrt(squares / inner + epsilon));
    }
    return statistics;
}

// Of each of some spans of them: mean and sum of squared deviations.
template<typename X>
static std::vector<float> spans_of(const std::vector<X>& x, u32 rows, u32 inner, u32 spans)
{
    std::vector<float> found(2 * rows * spans);
    for (u32 i = 0; i < rows * spans; i++)
    {
        u32 length = inner / spans;
        double mean = 0, squares = 0;
        for (u32 k = 0; k < length; k++)
            mean += (double)x[i * length + k] / length;
        for (u32 k = 0; k < length; k++)
            squares += std::pow((double)x[i * length + k] - mean, 2);
        found[2 * i] = (float)mean;
        found[2 * i + 1] = (float)squares;
    }
    return found;
}

template<typename Found>
static void compare(const std::string& name, const std::vector<Found>& found, const std::vector<float>& expected, double bound, size_t first = 0, size_t step = 1)
{
    double error = 0, norm = 0;
    for (size_t i = first; i < expected.size(); i += step)
    {
        error += std::pow((double)found[i] - expected[i], 2);
        norm += std::pow((double)expected[i], 2);
    }
    report(name.c_str(), error, norm, bound);
}

// Pairs of numbers, of which the second are far larger, or smaller.
static void compare_pairs(const std::string& name, const std::vector<float>& found, const std::vector<float>& expected)
{
    compare(name + ", means", found, expected, FP32_BOUND, 0, 2);
    compare(name + ", deviations", found, expected, FP32_BOUND, 1, 2);
}

// The counters of a launch in a chain: that of the launch before, of which so many blocks are waited for, and its own.
struct Chain
{
    std::vector<u32> counters;

    explicit Chain(u32 awaited) : counters{awaited, 0} { must_wait = awaited != 0; }
    ~Chain() { must_wait = false; }

    void give_counters() const { give(counters, true, false); }

    void check(u32 blocks) const
    {
        if (counters[1] != blocks)
            fail("not every block has counted itself once");
    }
};

template<typename Block, typename Y>
static void check_linear(const std::string& name, void (*kernel)(Linear), const Options& o)
{
    const u32 row_count = o.rows != 0 ? o.rows : 2 * Block::ROWS - 3, inner = o.inner, columns = 2 * Block::COLUMNS;
    const float epsilon = 1e-5f;
    std::vector<half> x = halves(row_count * inner), weight = halves(columns * inner), residual = halves(row_count * columns);
    // Means far from 0, which sums of squares would drown in.
    for (half& value : x)
        value = value + (half)(o.norm_input == 3 ? 4 : 0);
    std::vector<float> bias = floats(columns), tail = floats(2 * columns), residual_statistics = floats(2 * row_count), residual_norm = floats(2 * columns);
    std::vector<float> expected_statistics = statistics_of(x, row_count, inner, epsilon), input_spans = spans_of(x, row_count, inner, o.input_spans);
    std::vector<float> statistics = o.norm_input == 3 ? std::vector<float>(2 * row_count, NAN) : expected_statistics;
    std::vector<float> output_spans(row_count * 2 * 2, NAN);
    const u32 row_blocks = (row_count + Block::ROWS - 1) / Block::ROWS;
    std::vector<float> parts(2 * row_blocks * o.parts * Block::ROWS * Block::COLUMNS, NAN);
    std::vector<u32> counters(2 * row_blocks, 0);
    std::vector<half> packed(columns * inner + 4 * columns);
    make_fragments(packed.data(), weight, columns, inner);
    std::memcpy(packed.data() + columns * inner, tail.data(), 8 * columns);
    std::vector<Y> y(row_count * columns, (Y)NAN);
    Chain chain(o.awaited);
    Linear p = {(u64)x.data(), (u64)packed.data(), (u64)bias.data(), (u64)residual.data(), (u64)y.data(), (u64)statistics.data(),
        (u64)residual_statistics.data(), (u64)residual_norm.data(), (u64)input_spans.data(), (u64)output_spans.data(), (u64)parts.data(),
        (u64)counters.data(), (u64)&chain.counters[0], (u64)&chain.counters[1], row_count, inner, columns, epsilon, o.activation, o.has_bias, o.has_residual,
        o.norm_input, o.norm_residual, o.parts, 1, 1, o.input_spans, o.leaves_spans, sizeof(Y) == 4, o.awaited, o.is_counted};
    // No more than what it is asked to read and write.
    ranges.clear();
    give(x, false);
    give(packed, false, false);
    give(y, true);
    chain.give_counters();
    if (o.has_bias)
        give(bias, false, false);
    if (o.has_residual)
        give(residual, false);
    if (o.norm_input != 0)
        give(statistics, o.norm_input == 3);
    if (o.norm_input == 3)
        give(input_spans, false);
    if (o.norm_residual)
        give(residual_statistics, false), give(residual_norm, false, false);
    if (o.leaves_spans)
        give(output_spans, true);
    if (o.parts > 1)
        give(parts, true), give(counters, true);
    // Folded, the last block has no rows.
    run_grid(2, o.is_folded ? 1 : row_blocks, o.is_folded ? row_blocks + 1 : o.parts, Block::THREADS, [&] { kernel(p); });
    std::vector<float> expected(row_count * columns);
    for (u32 r = 0; r < row_count; r++)
    {
        for (u32 n = 0; n < columns; n++)
        {
            double value = 0;
            for (u32 k = 0; k < inner; k++)
                value += (double)x[r * inner + k] * (double)weight[n * inner + k];
            if (o.norm_input != 0)
                value = (value - expected_statistics[2 * r] * tail[n]) * expected_statistics[2 * r + 1] + tail[columns + n];
            else if (o.has_bias)
                value += bias[n];
            if (o.activation == 1)
                value = gelu_of(value);
            double added = (double)residual[r * columns + n];
            if (o.norm_residual)
                added = (added - residual_statistics[2 * r]) * residual_statistics[2 * r + 1] * residual_norm[n] + residual_norm[columns + n];
            expected[r * columns + n] = (float)(value + (o.has_residual ? added : 0));
        }
    }
    compare(name, y, expected, sizeof(Y) == 4 ? FP32_BOUND : BOUND);
    if (o.norm_input == 3)
        compare_pairs(name + ": statistics", statistics, expected_statistics);
    if (o.leaves_spans)
        compare_pairs(name + ": spans", output_spans, spans_of(y, row_count, columns, 2));
    chain.check(o.is_counted != 0 ? 2 * row_blocks : 0);
    for (u32 counter : counters)
    {
        if (counter != 0)
            fail("a counter is not left at 0");
    }
}

// The kernel of a large block.
template<typename Block>
static void check_large(const std::string& name, void (*kernel)(Linear))
{
    check_linear<Block, half>(name + " with GELU, norms, folded", kernel, {.is_folded = true, .activation = 1, .has_residual = 1, .norm_input = 2, .norm_residual = 1});
    check_linear<Block, half>(name + " with spans of both", kernel, {.inner = 640, .has_residual = 1, .norm_input = 3, .input_spans = 20, .leaves_spans = 1});
    check_linear<Block, float>(name + " full, bias, GELU, residual, fp32", kernel,
        {.rows = Block::ROWS, .inner = 128, .activation = 1, .has_bias = 1, .has_residual = 1});
}

// The kernel of a block that may be in parts. An odd and an even number of batches of slabs, and no more than one.
template<typename Block>
static void check_few_rows(const std::string& name, void (*kernel)(Linear))
{
    const u32 batch = Block::BATCH_WIDTH;
    check_linear<Block, half>(name + " full, bias, GELU, residual", kernel,
        {.rows = 2 * Block::ROWS, .inner = 3 * batch, .activation = 1, .has_bias = 1, .has_residual = 1});
    check_linear<Block, half>(name + " with GELU, norms, spans of both, folded, in a chain", kernel,
        {.is_folded = true, .inner = 4 * batch, .activation = 1, .has_residual = 1, .norm_input = 3, .norm_residual = 1, .input_spans = 8, .leaves_spans = 1,
            .awaited = 7, .is_counted = 1});
    check_linear<Block, half>(name + " in 3 parts with spans of both, in a chain", kernel,
        {.inner = 6 * batch, .has_residual = 1, .norm_input = 3, .norm_residual = 1, .parts = 3, .input_spans = 24, .leaves_spans = 1,
            .awaited = 1, .is_counted = 1});
    check_linear<Block, half>(name + " with statistics and GELU, the first of a chain", kernel,
        {.inner = batch, .activation = 1, .norm_input = 2, .is_counted = 1});
    check_linear<Block, float>(name + " of one row in 2 parts, fp32, the last of a chain", kernel,
        {.rows = 1, .inner = 2 * batch, .has_bias = 1, .parts = 2, .awaited = 2});
}

template<typename Block>
static void check_convolution(const char* name, void (*kernel)(Convolution), u32 channels, u32 column_blocks, bool is_folded, bool upsample, bool has_bias,
    bool has_residual)
{
    const u32 pictures = 2, size = 10, columns = column_blocks * Block::COLUMNS, taps = upsample ? 2 : 3, phases = upsample ? 4 : 1, inner = taps * taps * channels;
    const u32 out_size = upsample ? 2 * size : size, pixels = pictures * size * size;
    std::vector<half> x = halves(pixels * channels), weight = halves(phases * columns * inner), residual = halves(pictures * out_size * out_size * columns);
    std::vector<float> bias = floats(columns);
    std::vector<half> packed(weight.size());
    make_fragments(packed.data(), weight, phases * columns, inner);
    std::vector<half> y(pictures * out_size * out_size * columns, (half)NAN);
    Convolution p = {(u64)x.data(), (u64)packed.data(), (u64)bias.data(), (u64)residual.data(), (u64)y.data(), pictures, out_size, out_size, channels, columns,
        upsample, has_bias, has_residual};
    ranges.clear();
    give(x, false);
    give(packed, false);
    give(y, true);
    if (has_bias)
        give(bias, false);
    if (has_residual)
        give(residual, false);
    const u32 row_blocks = (pixels + Block::ROWS - 1) / Block::ROWS;
    run_grid(phases * column_blocks, is_folded ? 1 : row_blocks, is_folded ? row_blocks + 1 : 1, Block::THREADS, [&] { kernel(p); });
    std::vector<float> expected(y.size());
    for (u32 out = 0; out < pictures * out_size * out_size; out++)
    {
        int column = out % out_size, row = out / out_size % out_size, picture = out / (out_size * out_size);
        int phase_y = upsample ? row % 2 : 0, phase_x = upsample ? column % 2 : 0, from_row = upsample ? row / 2 : row, from_column = upsample ? column / 2 : column;
        for (u32 n = 0; n < columns; n++)
        {
            double value = has_bias ? bias[n] : 0;
            for (u32 tap = 0; tap < taps * taps; tap++)
            {
                int at_row = from_row + (int)(tap / taps) + phase_y - 1, at_column = from_column + (int)(tap % taps) + phase_x - 1;
                if (at_row < 0 || at_row >= (int)size || at_column < 0 || at_column >= (int)size)
                    continue;
                const half* pixel = &x[((picture * size + at_row) * size + at_column) * channels];
                const half* weights = &weight[((size_t)(phase_y * 2 + phase_x) * (upsample ? columns : 0) + n) * inner + tap * channels];
                for (u32 c = 0; c < channels; c++)
                    value += (double)pixel[c] * (double)weights[c];
            }
            if (has_residual)
                value += (double)residual[out * columns + n];
            expected[out * columns + n] = (float)value;
        }
    }
    compare(name, y, expected, BOUND);
}

// Sequences of so many tokens, of two heads.
template<typename Block>
static void check_attention(const std::string& name, void (*kernel)(Attention), u32 tokens, u32 awaited)
{
    const u32 sequences = 2, heads = 2, channels = heads * Block::HEAD;
    std::vector<half> qkv = halves(sequences * tokens * 3 * channels), y(sequences * tokens * channels, (half)NAN);
    // Scores large enough for weights to differ, and ever larger ones, which answers that are there already have to make room for.
    for (u32 row = 0; row < sequences * tokens; row++)
    {
        for (u32 c = 0; c < 2 * channels; c++)
            qkv[row * 3 * channels + c] = qkv[row * 3 * channels + c] * (half)(c < channels ? 4 : 1 + 3.0f * (float)(row % tokens) / (float)tokens);
    }
    const u32 query_blocks = (tokens + Block::QUERIES - 1) / Block::QUERIES;
    Chain chain(awaited);
    ranges.clear();
    give(qkv, false);
    give(y, true);
    chain.give_counters();
    Attention p = {(u64)qkv.data(), (u64)y.data(), (u64)&chain.counters[0], (u64)&chain.counters[1], tokens, heads, awaited, awaited != 0};
    run_grid(query_blocks, heads, sequences, Block::THREADS, [&] { kernel(p); });
    chain.check(awaited != 0 ? query_blocks * heads * sequences : 0);
    std::vector<float> expected(y.size());
    for (u32 sequence = 0; sequence < sequences; sequence++)
    {
        for (u32 head = 0; head < heads; head++)
        {
            auto at = [&](u32 token, u32 part, u32 c) { return (double)qkv[((sequence * tokens + token) * 3 + part) * channels + head * Block::HEAD + c]; };
            for (u32 query = 0; query < tokens; query++)
            {
                std::vector<double> weights(tokens);
                double largest = -INFINITY, sum = 0;
                for (u32 key = 0; key < tokens; key++)
                {
                    for (u32 c = 0; c < Block::HEAD; c++)
                        weights[key] += at(query, 0, c) * at(key, 1, c) / std::sqrt((double)Block::HEAD);
                    largest = std::fmax(largest, weights[key]);
                }
                for (double& weight : weights)
                    sum += weight = std::exp(weight - largest);
                for (u32 c = 0; c < Block::HEAD; c++)
                {
                    double value = 0;
                    for (u32 key = 0; key < tokens; key++)
                        value += weights[key] / sum * at(key, 2, c);
                    expected[(sequence * tokens + query) * channels + head * Block::HEAD + c] = (float)value;
                }
            }
        }
    }
    compare(name + " of " + std::to_string(tokens) + " tokens", y, expected, BOUND);
}

int main()
{
    for (int when = 0; when < 4; when++)
    {
        copies_are_late = when % 2 != 0;
        multiplications_are_late = when / 2 != 0;
        last_runs_ahead = when == 1 || when == 2;
        check_large<linear_128x256::LinearBlock>("128x256", linear_128x256::fp16);
        check_large<linear_192x256::LinearBlock>("192x256", linear_192x256::fp16);
        check_few_rows<linear_40x64::LinearBlock>("40x64", linear_40x64::fp16);
        check_few_rows<linear_72x64::LinearBlock>("72x64", linear_72x64::fp16);
        check_few_rows<linear_136x128::LinearBlock>("136x128", linear_136x128::fp16);
        check_convolution<conv3x3_128x256::ConvolutionBlock>("conv3x3 128x256, folded", conv3x3_128x256::fp16, 128, 2, true, false, false, false);
        check_convolution<conv3x3_128x256::ConvolutionBlock>("conv3x3 128x256 with bias and residual, doubled", conv3x3_128x256::fp16, 128, 1, false, true, true,
            true);
        check_convolution<conv3x3_192x256::ConvolutionBlock>("conv3x3 192x256 with bias, folded", conv3x3_192x256::fp16, 128, 1, true, false, true, false);
        check_convolution<conv3x3_192x256::ConvolutionBlock>("conv3x3 192x256 with residual, doubled", conv3x3_192x256::fp16, 128, 1, false, true, false, true);
        check_convolution<conv3x3_128x128::ConvolutionBlock>("conv3x3 128x128", conv3x3_128x128::fp16, 256, 1, false, false, true, false);
        check_convolution<conv3x3_128x128::ConvolutionBlock>("conv3x3 128x128 with residual, doubled, folded", conv3x3_128x128::fp16, 128, 2, true, true, false,
            true);
        const u32 awaited = when < 2 ? 3 : 0;
        // One batch, not full and full; several, the last of a single key; and more than one block.
        for (u32 tokens : {33u, 80u, 161u})
            check_attention<attention_64::AttentionBlock>("attention 64", attention_64::fp16, tokens, awaited);
        for (u32 tokens : {33u, 48u, 65u, 97u})
            check_attention<attention_48::AttentionBlock>("attention 48", attention_48::fp16, tokens, awaited);
    }
    std::printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
