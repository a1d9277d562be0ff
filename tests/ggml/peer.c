// Times ggml's matrix products and 3x3 convolutions at TiTok's shapes on one of ggml's back ends, as a peer for
// `Titok.Vulkan.Benchmarks`: the same shapes, the same line of JSON for each.
//
//   cc -O2 peer.c -o peer -lggml -lggml-base && ./peer [BACKEND]      (Debian: libggml-dev libggml0-backend-vulkan)
//
// BACKEND is part of a device's name, "Vulkan" unless told. Weights are fp16 and activations fp32, as ggml likes them;
// products are also timed with fp32 weights. The median of runs of at least half a second in all, after one.
#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Fills a tensor with small numbers of its type.
static void fill(struct ggml_tensor *tensor)
{
    size_t count = ggml_nelements(tensor);
    float *values = malloc(count * sizeof(float));
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(rand() % 2001 - 1000) / 2000.0f;
    if (tensor->type == GGML_TYPE_F16)
    {
        ggml_fp16_t *halves = malloc(count * sizeof(ggml_fp16_t));
        ggml_fp32_to_fp16_row(values, halves, (int64_t)count);
        ggml_backend_tensor_set(tensor, halves, 0, count * sizeof(ggml_fp16_t));
        free(halves);
    }
    else
        ggml_backend_tensor_set(tensor, values, 0, count * sizeof(float));
    free(values);
}

// Computes `y` of inputs `a` and `b`, and prints its speed.
static void measure(ggml_backend_t backend, const char *name, const char *type, struct ggml_context *context, struct ggml_tensor *a,
                    struct ggml_tensor *b, struct ggml_tensor *y, double operations)
{
    if (!ggml_backend_supports_op(backend, y))
    {
        printf("{\"peer\":\"ggml\",\"op\":\"%s\",\"weights\":\"%s\",\"supported\":false}\n", name, type);
        ggml_free(context);
        return;
    }
    struct ggml_cgraph *graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, y);
    ggml_backend_buffer_t buffer = ggml_backend_alloc_ctx_tensors(context, backend);
    if (buffer == NULL)
    {
        fprintf(stderr, "%s: no memory on the back end\n", name);
        exit(1);
    }
    fill(a);
    fill(b);
    double seconds[64], total = 0;
    int runs = 0;
    for (int run = -1; run < 64 && (run < 3 || total < 0.5); run++)
    {
        double start = now();
        if (ggml_backend_graph_compute(backend, graph) != GGML_STATUS_SUCCESS)
        {
            fprintf(stderr, "%s: the back end failed\n", name);
            exit(1);
        }
        ggml_backend_synchronize(backend);
        if (run >= 0)
            total += seconds[runs++] = now() - start;
    }
    qsort(seconds, (size_t)runs, sizeof(double), ascending);
    double median = seconds[runs / 2];
    printf("{\"peer\":\"ggml\",\"op\":\"%s\",\"weights\":\"%s\",\"ms\":%.3f,\"gflops\":%.1f}\n", name, type, 1e3 * median, operations / median / 1e9);
    fflush(stdout);
    ggml_backend_buffer_free(buffer);
    ggml_free(context);
}

static struct ggml_context *new_context(void)
{
    struct ggml_init_params params = {.mem_size = ggml_tensor_overhead() * 64 + ggml_graph_overhead(), .mem_buffer = NULL, .no_alloc = true};
    return ggml_init(params);
}

static void linear(ggml_backend_t backend, int rows, int columns, int inner, enum ggml_type type)
{
    char name[64];
    snprintf(name, sizeof name, "linear %dx%dx%d", rows, columns, inner);
    struct ggml_context *context = new_context();
    struct ggml_tensor *weight = ggml_new_tensor_2d(context, type, inner, columns);
    struct ggml_tensor *x = ggml_new_tensor_2d(context, GGML_TYPE_F32, inner, rows);
    measure(backend, name, ggml_type_name(type), context, weight, x, ggml_mul_mat(context, weight, x), 2.0 * rows * columns * inner);
}

static void conv3x3(ggml_backend_t backend, int size, int in_channels, int out_channels, enum ggml_type type, int direct)
{
    char name[64];
    snprintf(name, sizeof name, "conv3x3 %d to %d at %d%s", in_channels, out_channels, size, direct ? "" : " by im2col");
    struct ggml_context *context = new_context();
    struct ggml_tensor *weight = ggml_new_tensor_4d(context, type, 3, 3, in_channels, out_channels);
    struct ggml_tensor *x = ggml_new_tensor_4d(context, GGML_TYPE_F32, size, size, in_channels, 1);
    struct ggml_tensor *y = direct ? ggml_conv_2d_direct(context, weight, x, 1, 1, 1, 1, 1, 1) : ggml_conv_2d(context, weight, x, 1, 1, 1, 1, 1, 1);
    measure(backend, name, ggml_type_name(type), context, weight, x, y, 2.0 * 9 * size * size * in_channels * out_channels);
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "Vulkan";
    ggml_backend_load_all();
    ggml_backend_dev_t device = NULL;
    for (size_t i = 0; i < ggml_backend_dev_count() && device == NULL; i++)
    {
        if (strstr(ggml_backend_dev_name(ggml_backend_dev_get(i)), wanted) != NULL)
            device = ggml_backend_dev_get(i);
    }
    if (device == NULL)
    {
        fprintf(stderr, "ggml has no device named %s; of its back ends it found %zu devices\n", wanted, ggml_backend_dev_count());
        return 1;
    }
    fprintf(stderr, "%s: %s\n", ggml_backend_dev_name(device), ggml_backend_dev_description(device));
    ggml_backend_t backend = ggml_backend_dev_init(device, NULL);
    enum ggml_type types[] = {GGML_TYPE_F16, GGML_TYPE_F32};
    for (int t = 0; t < 2; t++)
    {
        linear(backend, 289, 4096, 1024, types[t]);
        linear(backend, 66, 3072, 768, types[t]);
        conv3x3(backend, 128, 128, 128, types[t], 1);
        conv3x3(backend, 128, 128, 128, types[t], 0);
    }
    ggml_backend_free(backend);
    return 0;
}
