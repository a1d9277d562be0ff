// The warpgroup kernels on the device that device.cuh plays, against the same sums in double precision. See run.sh.
#include "warpgroup.cu"

static int passed, failed;
static u32 seed;

static float random_number()
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(half)((seed >> 8) / 16777216.0f - 0.5f);
}

static std::vector<half> halves(size_t count)
{
    std::vector<half> values(count + 8);
    for (half& value : values)
        value = (half)random_number();
    return values;
}

static std::vector<float> floats(size_t count)
{
    std::vector<float> values(count + 8);
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
            u32 lane = column % 8 * 4 + step % 8 / 2, element = column / 8 * 4 + step / 8 * 2 + step % 2;
            to[(size_t)block * 256 + lane * 8 + element] = weight[(size_t)n * inner + k];
        }
    }
}

static void report(const char* name, double error, double norm)
{
    bool agrees = norm > 0 && std::sqrt(error / norm) < 1e-3;
    (agrees ? passed : failed)++;
    std::printf("%s %s, copies %s, multiplications %s: differs by %.1e\n", agrees ? "ok    " : "FAILED", name, copies_are_late ? "late" : "early",
        multiplications_are_late ? "late" : "early", std::sqrt(error / norm));
}

template<typename Y>
static void check_linear(const char* name, void (*kernel)(Linear), u32 activation, bool has_bias, bool has_residual, bool norms)
{
    const u32 row_count = 2 * ROWS - 3, inner = 384, columns = 2 * COLUMNS;
    std::vector<half> x = halves(row_count * inner), weight = halves(columns * inner), residual = halves(row_count * columns);
    std::vector<float> bias = floats(columns), tail = floats(2 * columns), statistics = floats(2 * row_count), residual_statistics = floats(2 * row_count),
        residual_norm = floats(2 * columns);
    std::vector<half> packed(columns * inner + 4 * columns);
    make_fragments(packed.data(), weight, columns, inner);
    std::memcpy(packed.data() + columns * inner, tail.data(), 8 * columns);
    std::vector<Y> y(row_count * columns, (Y)NAN);
    Linear p = {(u64)x.data(), (u64)packed.data(), (u64)bias.data(), (u64)residual.data(), (u64)y.data(), (u64)statistics.data(), (u64)residual_statistics.data(),
        (u64)residual_norm.data(), row_count, inner, columns, 0, activation, has_bias, has_residual, norms ? 2u : 0u, norms, 1, 1, 1};
    run_grid(columns / COLUMNS, (row_count + ROWS - 1) / ROWS, THREADS, [&] { kernel(p); });
    double error = 0, norm = 0;
    for (u32 r = 0; r < row_count; r++)
    {
        for (u32 n = 0; n < columns; n++)
        {
            double value = 0;
            for (u32 k = 0; k < inner; k++)
                value += (double)x[r * inner + k] * (double)weight[n * inner + k];
            if (norms)
                value = (value - statistics[2 * r] * tail[n]) * statistics[2 * r + 1] + tail[columns + n];
            else if (has_bias)
                value += bias[n];
            if (activation == 1)
                value = gelu_of(value);
            double added = (double)residual[r * columns + n];
            if (norms)
                added = (added - residual_statistics[2 * r]) * residual_statistics[2 * r + 1] * residual_norm[n] + residual_norm[columns + n];
            if (has_residual)
                value += added;
            double difference = (double)y[r * columns + n] - value;
            error += difference * difference;
            norm += value * value;
        }
    }
    report(name, error, norm);
}

static void check_convolution(const char* name, bool upsample, bool has_bias, bool has_residual)
{
    const u32 pictures = 2, size = 10, channels = 128, columns = COLUMNS, taps = upsample ? 2 : 3, phases = upsample ? 4 : 1, inner = taps * taps * channels;
    const u32 out_size = upsample ? 2 * size : size, pixels = pictures * size * size;
    std::vector<half> x = halves(pixels * channels), weight = halves(phases * columns * inner), residual = halves(pictures * out_size * out_size * columns);
    std::vector<float> bias = floats(columns);
    std::vector<half> packed(weight.size());
    make_fragments(packed.data(), weight, phases * columns, inner);
    std::vector<half> y(pictures * out_size * out_size * columns, (half)NAN);
    Convolution p = {(u64)x.data(), (u64)packed.data(), (u64)bias.data(), (u64)residual.data(), (u64)y.data(), pictures, out_size, out_size, channels, columns,
        upsample, has_bias, has_residual};
    run_grid(columns / COLUMNS * phases, (pixels + ROWS - 1) / ROWS, THREADS, [&] { conv3x3(p); });
    double error = 0, norm = 0;
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
            double difference = (double)y[out * columns + n] - value;
            error += difference * difference;
            norm += value * value;
        }
    }
    report(name, error, norm);
}

int main()
{
    for (int when = 0; when < 4; when++)
    {
        copies_are_late = when % 2 != 0;
        multiplications_are_late = when / 2 != 0;
        last_runs_ahead = when == 1 || when == 2;
        check_linear<half>("linear", linear, 0, false, false, false);
        check_linear<half>("linear with GELU, norms of input and residual", linear, 1, false, true, true);
        check_linear<float>("linear_f32 with bias and residual", linear_f32, 0, true, true, false);
        check_convolution("conv3x3", false, false, false);
        check_convolution("conv3x3 with bias and residual, doubled", true, true, true);
    }
    std::printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
