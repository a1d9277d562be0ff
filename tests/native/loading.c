/*
 * Models from memory and part by part, told how far, stopped on the way, described before they are loaded, and where kernels are kept:
 * loading MODEL_FOLDER CACHE_FOLDER. The cache folder is not there yet; afterwards it has what was found out about the device.
 */
#include <stdlib.h>

#include "check.h"

#define FILES 4
#define MOST_TOKENS 1024

static const char *const names[FILES] = {
    "tokenizer/config.json", "tokenizer/model.safetensors", "generator/config.json", "generator/model.safetensors"
};

/* How far loading was told to be, and when it is to stop. */
typedef struct Watch {
    double share;
    double stopAt;
    int calls;
    int wentBack;
} Watch;

static int TITOK_CALL watch(void *user, double share)
{
    Watch *seen = user;
    seen->calls++;
    if (share < seen->share || share > 1)
        seen->wentBack = 1;
    seen->share = share;
    return share >= seen->stopAt;
}

/* A file that is read part by part: its bytes, how many parts were read, and the part that can't be. */
typedef struct Archive {
    const unsigned char *bytes;
    int parts;
    int failAt;
} Archive;

static int TITOK_CALL readPart(void *user, uint64_t offset, void *bytes, size_t size)
{
    Archive *archive = user;
    if (++archive->parts == archive->failAt)
        return 5;
    memcpy(bytes, archive->bytes + offset, size);
    return 0;
}

/* A file's bytes, yours to free. */
static void *contents(const char *folder, const char *name, size_t *size)
{
    char path[4096];
    long end;
    void *bytes;
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        return NULL;
    bytes = malloc((size_t)end);
    if (bytes == NULL || fread(bytes, 1, (size_t)end, file) != (size_t)end)
        return NULL;
    fclose(file);
    *size = (size_t)end;
    return bytes;
}

static void refuse(TitokDevice device, const TitokModelFile *files)
{
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokModelFile wrong[FILES];
    TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
    TitokModelMemory memory = TITOK_INIT(TitokModelMemory);
    TitokPipeline pipeline = NULL;

    options.fileCount = FILES;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline)); /* no files */
    options.files = wrong;
    memcpy(wrong, files, sizeof wrong);
    wrong[2].name = NULL;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    wrong[2].name = "generator/../config.json";
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    wrong[2].name = names[0]; /* twice */
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    wrong[2] = files[2];
    wrong[2].content = NULL;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    wrong[2] = files[2];
    wrong[2].read = readPart; /* and its content */
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    wrong[2] = files[2];
    wrong[2].sizeInBytes = SIZE_MAX;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    wrong[2] = files[2];
    wrong[3].sizeInBytes -= 1; /* damaged */
    REFUSED(BAD_MODEL, titokPipelineLoad(device, &options, &pipeline));
    HOLDS(strstr(titokLastMessage(), "generator/model.safetensors") != NULL);
    options.fileCount = 2; /* no generator */
    REFUSED(BAD_MODEL, titokPipelineLoad(device, &options, &pipeline));
    options.fileCount = 257;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(device, &options, &pipeline));
    options.fileCount = FILES;
    options.files = files;
    options.path = "models"; /* not among them */
    REFUSED(BAD_MODEL, titokPipelineLoad(device, &options, &pipeline));
    HOLDS(pipeline == NULL);

    REFUSED(BAD_MODEL, titokModelGetInfo(NULL, &options, &info, &memory));
    options.path = NULL;
    REFUSED(INVALID_ARGUMENT, titokModelGetInfo(NULL, NULL, &info, &memory));
    memory.structSize--;
    REFUSED(INVALID_ARGUMENT, titokModelGetInfo(NULL, &options, &info, &memory));
    HOLDS(info.imageSize == 0);
    info.structSize = 0;
    REFUSED(INVALID_ARGUMENT, titokModelGetInfo(NULL, &options, &info, NULL));
    WORKS(titokModelGetInfo(NULL, &options, NULL, NULL));
    options.path = "./"; /* all of them, too */
    WORKS(titokModelGetInfo(NULL, &options, NULL, NULL));
    options.path = "generator/";
    REFUSED(BAD_MODEL, titokModelGetInfo(NULL, &options, NULL, NULL)); /* no tokenizer */
    options.path = NULL;
    options.fileCount = 0;
    REFUSED(INVALID_ARGUMENT, titokModelGetInfo(NULL, &options, NULL, NULL)); /* files, and none of them */
    options.files = NULL;
    REFUSED(INVALID_ARGUMENT, titokModelGetInfo(NULL, &options, NULL, NULL)); /* no path */
}

/* The tokens of a picture. */
static void generate(TitokPipeline pipeline, int32_t tokens[MOST_TOKENS])
{
    TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
    TitokRequest request = TITOK_INIT(TitokRequest);
    const uint32_t label = 3;
    WORKS(titokPipelineGetInfo(pipeline, &info));
    HOLDS(info.latentTokens <= MOST_TOKENS);
    request.pictures = 1;
    request.classes = &label;
    WORKS(titokGenerate(pipeline, &request, tokens, info.latentTokens, NULL, 0, NULL, NULL));
}

/* Read part by part it is the same model; where a part can't be read the file is named, and nothing is left. */
static void byParts(TitokDevice device, const TitokModelFile *files, TitokPipelineOptions options, const TitokPipelineInfo *expected, int32_t *tokens)
{
    TitokModelFile read[FILES];
    Archive archives[FILES];
    TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
    TitokPipeline pipeline = NULL;
    uint64_t before, used;
    int i;

    for (i = 0; i < FILES; i++) {
        archives[i] = (Archive){files[i].content, 0, 0};
        read[i] = files[i];
        read[i].content = NULL;
        read[i].read = readPart;
        read[i].readUser = &archives[i];
    }
    options.files = read;
    WORKS(titokModelGetInfo(NULL, &options, &info, NULL));
    HOLDS(memcmp(&info, expected, sizeof info) == 0);
    WORKS(titokDeviceGetUsage(device, &before, NULL));
    archives[3].parts = 0;
    archives[3].failAt = 6;
    REFUSED(BAD_MODEL, titokPipelineLoad(device, &options, &pipeline));
    HOLDS(archives[3].parts == 6 && strstr(titokLastMessage(), "generator/model.safetensors: can't be read: the read function returned 5") != NULL);
    WORKS(titokDeviceGetUsage(device, &used, NULL));
    HOLDS(used == before && pipeline == NULL);
    archives[3].failAt = 0;
    WORKS(titokPipelineLoad(device, &options, &pipeline));
    HOLDS(archives[1].parts > 3 && archives[3].parts > 6);
    for (i = 0; i < FILES; i++)
        archives[i].bytes = NULL; /* no longer needed */
    generate(pipeline, tokens);
    WORKS(titokPipelineDestroy(pipeline));
}

int main(int argc, char **argv)
{
    TitokDeviceOptions opening = TITOK_INIT(TitokDeviceOptions);
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokPipelineInfo onDisk = TITOK_INIT(TitokPipelineInfo), inMemory = TITOK_INIT(TitokPipelineInfo), loaded = TITOK_INIT(TitokPipelineInfo);
    TitokModelMemory need = TITOK_INIT(TitokModelMemory), half = TITOK_INIT(TitokModelMemory), onDevice = TITOK_INIT(TitokModelMemory);
    TitokModelFile files[FILES];
    void *bytes[FILES];
    TitokDevice device;
    TitokPipeline pipeline, other;
    Watch seen = {0, 2, 0, 0};
    int32_t expected[MOST_TOKENS] = {0}, actual[MOST_TOKENS] = {0}, parts[MOST_TOKENS] = {0};
    uint64_t before, used;
    int i;

    if (argc != 3)
        return 2;
    for (i = 0; i < FILES; i++) {
        files[i].name = names[i];
        files[i].read = NULL;
        files[i].readUser = NULL;
        files[i].content = bytes[i] = contents(argv[1], names[i], &files[i].sizeInBytes);
        if (bytes[i] == NULL) {
            fprintf(stderr, "loading: %s/%s can't be read\n", argv[1], names[i]);
            return 2;
        }
    }

    /* Without a device. */
    options.precision = TITOK_PRECISION_FP32;
    options.path = argv[1];
    WORKS(titokModelGetInfo(NULL, &options, &onDisk, &need));
    options.path = NULL;
    options.files = files;
    options.fileCount = FILES;
    WORKS(titokModelGetInfo(NULL, &options, &inMemory, NULL));
    HOLDS(memcmp(&onDisk, &inMemory, sizeof onDisk) == 0 && onDisk.maxPicturesPerJob == 0 && onDisk.classes > 0);
    HOLDS(need.weightsInBytes >= onDisk.parameters * 4 && need.workInBytes > 0);
    options.precision = TITOK_PRECISION_FP16;
    WORKS(titokModelGetInfo(NULL, &options, NULL, &half));
    HOLDS(half.weightsInBytes < need.weightsInBytes && half.weightsInBytes >= onDisk.parameters * 2);

    opening.cacheFolder = argv[2];
    WORKS(titokDeviceCreate(&opening, &device));
    refuse(device, files);
    options.precision = TITOK_PRECISION_FP32;
    WORKS(titokModelGetInfo(device, &options, NULL, &onDevice));
    HOLDS(onDevice.weightsInBytes >= need.weightsInBytes && onDevice.workInBytes > 0);
    REFUSED(INVALID_HANDLE, titokModelGetInfo((TitokDevice)(void *)&need, &options, NULL, &onDevice));

    byParts(device, files, options, &onDisk, parts);
    options.precision = TITOK_PRECISION_FP32;
    options.progress = watch;
    options.progressUser = &seen;
    WORKS(titokPipelineLoad(device, &options, &pipeline));
    HOLDS(seen.calls > 10 && !seen.wentBack && seen.share == 1);
    for (i = 0; i < FILES; i++) {
        memset(bytes[i], 0xab, files[i].sizeInBytes); /* no longer needed */
        free(bytes[i]);
    }
    options.files = NULL;
    options.fileCount = 0;
    options.progress = NULL;
    options.path = argv[1];
    WORKS(titokPipelineLoad(device, &options, &other));
    WORKS(titokPipelineGetInfo(pipeline, &loaded));
    HOLDS(loaded.maxPicturesPerJob > 0 && loaded.precision == TITOK_PRECISION_FP32 && loaded.generatorWeights == TITOK_GENERATOR_WEIGHTS_AUTO);
    loaded.maxPicturesPerJob = 0;
    loaded.precision = TITOK_PRECISION_AUTO;
    HOLDS(memcmp(&onDisk, &loaded, sizeof onDisk) == 0);
    generate(other, expected);
    generate(pipeline, actual);
    HOLDS(memcmp(expected, actual, sizeof expected) == 0);
    HOLDS(memcmp(expected, parts, sizeof expected) == 0);
    WORKS(titokPipelineDestroy(pipeline));
    WORKS(titokPipelineDestroy(other));

    /* Stopped: at once, on the way, and at the very end. */
    WORKS(titokDeviceGetUsage(device, &before, NULL));
    options.progress = watch;
    for (i = 0; i <= 2; i++) {
        Watch stopping = {0, 0.5 * i, 0, 0};
        options.progressUser = &stopping;
        pipeline = NULL;
        REFUSED(CANCELLED, titokPipelineLoad(device, &options, &pipeline));
        HOLDS(pipeline == NULL && stopping.share >= stopping.stopAt);
    }
    WORKS(titokDeviceGetUsage(device, &used, NULL));
    HOLDS(used == before);
    WORKS(titokDeviceDestroy(device));
    return counted();
}
