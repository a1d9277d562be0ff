/*
 * A VAE's latents from C, against what the published code computes: latents GOLDEN_FOLDER, which has a tokenizer, two
 * pictures, their latents, and the pictures decoded from those.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"

#define PICTURES 2

/* The floats of a tensor of a .safetensors file: eight bytes with the header's length, a header in JSON, the data. */
static float *tensor(const char *folder, const char *name, size_t *count)
{
    char path[1024], wanted[64];
    unsigned char length[8];
    unsigned long long begin, end;
    size_t size = 0;
    int i;
    char *header, *found;
    float *values;
    FILE *file;
    snprintf(path, sizeof path, "%s/golden.safetensors", folder);
    file = fopen(path, "rb");
    if (file == NULL || fread(length, 1, sizeof length, file) != sizeof length)
        return NULL;
    for (i = 7; i >= 0; i--)
        size = size << 8 | length[i];
    header = calloc(size + 1, 1);
    if (header == NULL || fread(header, 1, size, file) != size)
        return NULL;
    snprintf(wanted, sizeof wanted, "\"%s\":", name);
    found = strstr(header, wanted);
    found = found == NULL ? NULL : strstr(found, "\"data_offsets\":");
    if (found == NULL || sscanf(found, "\"data_offsets\":[%llu,%llu]", &begin, &end) != 2)
        return NULL;
    *count = (size_t)(end - begin) / sizeof(float);
    values = calloc(*count, sizeof(float));
    if (values == NULL || fseek(file, (long)(sizeof length + size + begin), SEEK_SET) != 0 || fread(values, sizeof(float), *count, file) != *count)
        return NULL;
    free(header);
    fclose(file);
    return values;
}

/* The difference's length, as a share of what was expected. */
static double difference(const float *expected, const float *actual, size_t count)
{
    double square = 0, whole = 0;
    size_t i;
    for (i = 0; i < count; i++) {
        square += ((double)actual[i] - expected[i]) * ((double)actual[i] - expected[i]);
        whole += (double)expected[i] * expected[i];
    }
    return sqrt(square / whole);
}

static void submit(TitokJob job)
{
    TitokSlice slice = TITOK_INIT(TitokSlice);
    TitokSliceInfo info = TITOK_INIT(TitokSliceInfo);
    slice.dispatches = 7;
    while (!info.isLast) {
        WORKS(titokJobSubmit(job, &slice, NULL, 0, NULL, 0, &info));
        WORKS(titokJobWait(job, UINT64_MAX));
    }
}

static void finish(TitokJob job, float *images, size_t count)
{
    submit(job);
    WORKS(titokJobReadImages(job, images, count));
}

int main(int argc, char **argv)
{
    TitokDevice device;
    TitokPipeline pipeline;
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
    TitokSettings settings = TITOK_INIT(TitokSettings);
    TitokRequest request = TITOK_INIT(TitokRequest);
    TitokInput pictures = TITOK_INIT(TitokInput);
    TitokJob job;
    const uint32_t label = 0;
    uint64_t seed = 42;
    int32_t token[64] = {0};
    size_t images, latents, decoded;
    float *image, *mean, *expected, *made, *drawn, *again;

    if (argc != 2 || (image = tensor(argv[1], "image", &images)) == NULL || (mean = tensor(argv[1], "mean", &latents)) == NULL
        || (expected = tensor(argv[1], "decoded", &decoded)) == NULL || decoded != images) {
        fprintf(stderr, "latents: the golden file can't be read\n");
        return 2;
    }
    pictures.format = TITOK_PIXEL_PLANAR_F32;
    pictures.pixels = image;
    pictures.sizeInBytes = images * sizeof *image;
    made = calloc(latents, sizeof(float));
    drawn = calloc(images, sizeof(float));
    again = calloc(images, sizeof(float));
    WORKS(titokDeviceCreate(NULL, &device));
    options.tokenizer = argv[1];
    options.precision = TITOK_PRECISION_FP32;
    WORKS(titokPipelineLoad(device, &options, &pipeline));
    WORKS(titokPipelineGetInfo(pipeline, &info));
    HOLDS(info.isContinuous && info.codebookSize == 0 && info.classes == 0);
    HOLDS((size_t)PICTURES * info.latentTokens * info.latentChannels == latents);
    HOLDS((size_t)PICTURES * 3 * info.imageSize * info.imageSize == images);

    WORKS(titokEncodeLatents(pipeline, PICTURES, image, images, NULL, made, latents, NULL, NULL));
    printf("      the mean is %.2g off\n", difference(mean, made, latents));
    HOLDS(difference(mean, made, latents) <= 1e-4);
    WORKS(titokDecodeLatents(pipeline, PICTURES, mean, latents, drawn, images, NULL, NULL));
    printf("      the pictures are %.2g off\n", difference(expected, drawn, images));
    HOLDS(difference(expected, drawn, images) <= 1e-4);

    /* A sample is not the mean; the second picture's is that of the next seed. */
    WORKS(titokEncodeLatents(pipeline, PICTURES, image, images, &seed, made, latents, NULL, NULL));
    HOLDS(difference(mean, made, latents) > 1e-3);
    seed++;
    WORKS(titokEncodeLatents(pipeline, 1, image + images / 2, images / 2, &seed, again, latents / 2, NULL, NULL));
    HOLDS(memcmp(again, made + latents / 2, latents / 2 * sizeof(float)) == 0);

    /* In slices the same, also when started over; with pictures it is there and back. */
    WORKS(titokJobDecodeLatents(pipeline, PICTURES, made, latents, &job));
    finish(job, again, images);
    HOLDS(difference(expected, again, images) > 1e-3);
    WORKS(titokJobRestartLatents(job, mean, latents));
    finish(job, again, images);
    HOLDS(memcmp(again, drawn, images * sizeof(float)) == 0);
    REFUSED(INVALID_ARGUMENT, titokJobRestartLatents(job, mean, latents - 1));
    REFUSED(INVALID_ARGUMENT, titokJobRestartLatents(job, NULL, latents));
    REFUSED(INVALID_OPERATION, titokJobRestartTokens(job, token, info.latentTokens));
    REFUSED(INVALID_OPERATION, titokJobRestartInput(job, &pictures));
    REFUSED(INVALID_OPERATION, titokJobRestartSeed(job, 1));
    REFUSED(INVALID_OPERATION, titokJobReadTokens(job, 0, token, info.latentTokens));
    WORKS(titokJobDestroy(job));
    REFUSED(INVALID_HANDLE, titokJobRestartLatents(job, mean, latents));
    WORKS(titokJobReconstruct(pipeline, PICTURES, &pictures, &job));
    REFUSED(INVALID_OPERATION, titokJobRestartLatents(job, mean, latents));
    REFUSED(INVALID_OPERATION, titokJobReadLatents(job, made, latents)); /* not finished */
    finish(job, again, images);
    HOLDS(difference(expected, again, images) <= 1e-4);
    WORKS(titokJobReadLatents(job, made, latents));
    HOLDS(difference(mean, made, latents) <= 1e-4);
    REFUSED(INVALID_ARGUMENT, titokJobReadLatents(job, made, latents - 1));
    WORKS(titokJobDestroy(job));

    /* Encoding alone makes latents and no pictures. */
    WORKS(titokJobEncode(pipeline, PICTURES, &pictures, &job));
    submit(job);
    memset(made, 0, latents * sizeof *made);
    WORKS(titokJobReadLatents(job, made, latents));
    HOLDS(difference(mean, made, latents) <= 1e-4);
    REFUSED(INVALID_OPERATION, titokJobReadImages(job, again, images));
    REFUSED(INVALID_OPERATION, titokJobReadTokens(job, 0, token, info.latentTokens));
    WORKS(titokJobDestroy(job));

    /* Misuse. */
    REFUSED(INVALID_HANDLE, titokEncodeLatents(NULL, 1, image, images / 2, NULL, made, latents / 2, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokEncodeLatents(pipeline, 0, image, 0, NULL, made, 0, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokEncodeLatents(pipeline, PICTURES, NULL, images, NULL, made, latents, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokEncodeLatents(pipeline, PICTURES, image, images, NULL, made, latents - 1, NULL, NULL));
    REFUSED(INVALID_HANDLE, titokDecodeLatents((TitokPipeline)(void *)device, 1, mean, latents / 2, drawn, images / 2, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokDecodeLatents(pipeline, PICTURES, NULL, latents, drawn, images, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokDecodeLatents(pipeline, PICTURES, mean, latents, drawn, SIZE_MAX, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokJobDecodeLatents(pipeline, PICTURES, mean, latents, NULL));
    REFUSED(INVALID_ARGUMENT, titokJobDecodeLatents(pipeline, PICTURES, mean, 3, &job));
    REFUSED(INVALID_ARGUMENT, titokJobDecodeLatents(pipeline, 0xFFFFFFFFu, mean, latents, &job));
    REFUSED(INVALID_OPERATION, titokEncode(pipeline, 1, image, images / 2, token, info.latentTokens, NULL, NULL));
    REFUSED(INVALID_OPERATION, titokDecode(pipeline, 1, token, info.latentTokens, drawn, images / 2, NULL, NULL));
    REFUSED(INVALID_OPERATION, titokJobDecode(pipeline, 1, token, info.latentTokens, &job));
    request.pictures = 1;
    request.classes = &label;
    REFUSED(INVALID_OPERATION, titokGenerate(pipeline, &request, NULL, 0, NULL, 0, NULL, NULL)); /* no generator */
    REFUSED(INVALID_OPERATION, titokJobGenerate(pipeline, &request, &job));
    REFUSED(INVALID_OPERATION, titokPipelineGetPreset(pipeline, NULL, &settings));

    WORKS(titokPipelineDestroy(pipeline));
    WORKS(titokDeviceDestroy(device));
    free(image);
    free(mean);
    free(expected);
    free(made);
    free(drawn);
    free(again);
    return counted();
}
