/*
 * Everything a C program can do wrong: each gets an error code and a message, and the library goes on working.
 *
 *   misuse MODEL_FOLDER
 */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "lend.h"

typedef struct Model {
    TitokDevice device;
    TitokPipeline pipeline;
    TitokPipelineInfo info;
    size_t imageLength;
    int32_t *tokens;
    float *images;
} Model;

static const uint32_t one[] = {1};

static TitokRequest requestOf(void)
{
    TitokRequest request = TITOK_INIT(TitokRequest);
    request.pictures = 1;
    request.classes = one;
    return request;
}

static void theLibrary(void)
{
    HOLDS(titokVersion() == TITOK_VERSION);
    HOLDS(strcmp(titokResultName(TITOK_ERROR_IN_USE), "TITOK_ERROR_IN_USE") == 0);
    HOLDS(titokResultName(12345) != NULL);
    HOLDS(titokLastMessage() != NULL);
    WORKS(titokSetLog(NULL, NULL));
}

static void devices(const Host *host, TitokDevice mine)
{
    TitokDeviceInfo info = TITOK_INIT(TitokDeviceInfo), wrong = TITOK_INIT(TitokDeviceInfo);
    TitokDeviceOptions options = TITOK_INIT(TitokDeviceOptions);
    TitokHostDevice lent = TITOK_INIT(TitokHostDevice), broken;
    TitokDevice device = NULL;
    uint32_t count = 0;
    uint64_t memory = 1;
    VkSemaphore timeline = VK_NULL_HANDLE;
    const char *features[] = {"timelineSemaphore", NULL};

    REFUSED(INVALID_ARGUMENT, titokEnumerateDevices(NULL, NULL));
    WORKS(titokEnumerateDevices(NULL, &count));
    HOLDS(count > 0);
    wrong.structSize = 4;
    count = 1;
    REFUSED(INVALID_ARGUMENT, titokEnumerateDevices(&wrong, &count));
    WORKS(titokEnumerateDevices(&info, &count));
    HOLDS(info.name[0] != '\0' && info.structSize == sizeof info);

    REFUSED(INVALID_ARGUMENT, titokDeviceCreate(NULL, NULL));
    options.structSize = 1;
    REFUSED(INVALID_ARGUMENT, titokDeviceCreate(&options, &device));
    options.structSize = sizeof options;
    options.device = "no such device";
    REFUSED(NO_DEVICE, titokDeviceCreate(&options, &device));
    options.device = "99";
    REFUSED(NO_DEVICE, titokDeviceCreate(&options, &device));
    options.device = "uuid:00000000000000000000000000000000";
    REFUSED(NO_DEVICE, titokDeviceCreate(&options, &device));
    HOLDS(device == NULL);

    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(NULL, &device));
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&lent, NULL));
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&lent, &device)); /* no handles */
    lent.instance = host->instance;
    lent.physicalDevice = host->physicalDevice;
    lent.device = host->device;
    lent.queue = host->queue;
    lent.queueFamily = host->family;
    lent.getInstanceProcAddr = vkGetInstanceProcAddr;
    REFUSED(MISSING_FEATURE, titokDeviceAdopt(&lent, &device)); /* nothing enabled */
    broken = lent;
    broken.enabledFeatureCount = 1;
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device));
    broken.enabledFeatures = &features[1];
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device));
    broken.enabledFeatures = features;
    broken.enabledFeatureCount = 1000000;
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device));
    broken = lent;
    broken.requirements = (TitokRequirements)(void *)&count;
    REFUSED(INVALID_HANDLE, titokDeviceAdopt(&broken, &device));
    broken.requirements = NULL;
    broken.queueFamily = 12;
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device));
    broken.queueFamily = 0xFFFFFFFFu;
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device));
    broken = lent;
    broken.lockQueue = (TitokQueueFunction)(void (*)(void))abort;
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device)); /* and no unlock */
    broken = lent;
    broken.free = (TitokFreeFunction)(void (*)(void))abort;
    REFUSED(INVALID_ARGUMENT, titokDeviceAdopt(&broken, &device)); /* and no allocate */
    broken = lent;
    broken.apiVersion = VK_API_VERSION_1_0;
    REFUSED(MISSING_FEATURE, titokDeviceAdopt(&broken, &device));
    HOLDS(device == NULL);

    REFUSED(INVALID_HANDLE, titokDeviceGetInfo(NULL, &info));
    REFUSED(INVALID_HANDLE, titokDeviceGetInfo((TitokDevice)(uintptr_t)12345, &info));
    REFUSED(INVALID_ARGUMENT, titokDeviceGetInfo(mine, NULL));
    REFUSED(INVALID_ARGUMENT, titokDeviceGetTimelineSemaphore(mine, NULL));
    REFUSED(INVALID_HANDLE, titokDeviceGetTimelineSemaphore(NULL, &timeline));
    WORKS(titokDeviceGetTimelineSemaphore(mine, &timeline));
    HOLDS(timeline != VK_NULL_HANDLE);
    WORKS(titokDeviceGetUsage(mine, &memory, NULL));
    REFUSED(INVALID_HANDLE, titokDeviceDestroy(NULL));
}

static int isAmong(const char *name, const char *const *names, uint32_t count)
{
    uint32_t i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i < count;
}

static void requirements(const Host *host, TitokDevice device)
{
    TitokRequirementsInfo info = TITOK_INIT(TitokRequirementsInfo);
    TitokRequirements made = NULL;
    VkDeviceCreateInfo create = {0};
    const char *const *names;
    const char *name, *without, *unknown = "timelineSemaphor", *needed = "timelineSemaphore", *budget = "VK_EXT_memory_budget";
    uint32_t count, required, family;

    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(NULL, &made));
    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(&info, &made));
    info.instance = host->instance;
    info.physicalDevice = host->physicalDevice;
    info.profile = (TitokProfile)77;
    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(&info, &made));
    info.profile = TITOK_PROFILE_PORTABLE;
    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(&info, NULL));
    WORKS(titokRequirementsCreate(&info, &made));
    REFUSED(INVALID_ARGUMENT, titokRequirementsPatch(made, NULL));
    REFUSED(INVALID_ARGUMENT, titokRequirementsPatch(made, &create)); /* no sType */
    create.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    REFUSED(INVALID_HANDLE, titokRequirementsPatch((TitokRequirements)(void *)device, &create));
    WORKS(titokRequirementsPatch(made, &create));
    HOLDS(create.pNext != NULL);
    REFUSED(INVALID_ARGUMENT, titokRequirementsGetExtensions(made, NULL, &count));
    REFUSED(INVALID_ARGUMENT, titokRequirementsGetExtensions(made, &names, NULL));
    WORKS(titokRequirementsGetExtensions(made, &names, &count));
    REFUSED(INVALID_ARGUMENT, titokRequirementsGetEnabled(made, NULL, &count));
    REFUSED(INVALID_ARGUMENT, titokRequirementsGetEnabled(made, &names, NULL));
    WORKS(titokRequirementsGetEnabled(made, &names, &count));
    HOLDS(count > 0 && isAmong("timelineSemaphore", names, count));
    REFUSED(INVALID_ARGUMENT, titokRequirementsGetQueueFamily(made, NULL));
    WORKS(titokRequirementsGetQueueFamily(made, &family));
    REFUSED(INVALID_ARGUMENT, titokRequirementsDescribe(1000, &name, &required, &without));
    WORKS(titokRequirementsDescribe(0, &name, &required, &without));
    HOLDS(required == 1 && name[0] != '\0' && without[0] != '\0');
    WORKS(titokRequirementsDestroy(made));
    REFUSED(INVALID_HANDLE, titokRequirementsDestroy(made));

    info.profile = TITOK_PROFILE_AUTO;
    info.exceptCount = 1;
    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(&info, &made)); /* null */
    info.except = &unknown;
    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(&info, &made));
    info.except = &needed;
    REFUSED(INVALID_ARGUMENT, titokRequirementsCreate(&info, &made));
    info.except = &budget;
    WORKS(titokRequirementsCreate(&info, &made));
    WORKS(titokRequirementsGetEnabled(made, &names, &count));
    HOLDS(!isAmong(budget, names, count));
    WORKS(titokRequirementsGetExtensions(made, &names, &count));
    HOLDS(!isAmong(budget, names, count));
    WORKS(titokRequirementsDestroy(made));
    REFUSED(INVALID_HANDLE, titokRequirementsGetQueueFamily(made, &family));
}

static void pipelines(Model *model, const char *folder)
{
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokSettings settings = TITOK_INIT(TitokSettings);
    TitokPipeline pipeline = NULL;
    const char *label, *text;
    char part[4096];
    uint32_t presets;

    REFUSED(INVALID_HANDLE, titokPipelineLoad(NULL, &options, &pipeline));
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(model->device, NULL, &pipeline));
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(model->device, &options, NULL));
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(model->device, &options, &pipeline)); /* no path */
    options.path = "/there/is/no/such/folder";
    REFUSED(BAD_MODEL, titokPipelineLoad(model->device, &options, &pipeline));
    options.path = "\xff\xfe not UTF-8";
    REFUSED(BAD_MODEL, titokPipelineLoad(model->device, &options, &pipeline));
    snprintf(part, sizeof part, "%s/tokenizer", folder);
    options.path = part;
    REFUSED(BAD_MODEL, titokPipelineLoad(model->device, &options, &pipeline)); /* no generator */
    HOLDS(pipeline == NULL && strstr(titokLastMessage(), "no generator") != NULL);
    options.path = NULL;
    options.tokenizer = part;
    WORKS(titokPipelineLoad(model->device, &options, &pipeline));
    WORKS(titokPipelineDestroy(pipeline));
    pipeline = NULL;
    options.tokenizer = NULL;
    options.path = folder;
    options.precision = (TitokPrecision)9;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(model->device, &options, &pipeline));
    HOLDS(pipeline == NULL);
    options.precision = TITOK_PRECISION_FP32;
    options.generatorWeights = (TitokGeneratorWeights)2;
    REFUSED(INVALID_ARGUMENT, titokPipelineLoad(model->device, &options, &pipeline));
    HOLDS(pipeline == NULL);
    options.generatorWeights = TITOK_GENERATOR_WEIGHTS_INT8;
    WORKS(titokPipelineLoad(model->device, &options, &model->pipeline));
    REFUSED(IN_USE, titokDeviceDestroy(model->device));
    HOLDS(strstr(titokLastMessage(), "before 1 pipeline made") != NULL);
    REFUSED(INVALID_ARGUMENT, titokPipelineGetInfo(model->pipeline, NULL));
    model->info.structSize = 0;
    REFUSED(INVALID_ARGUMENT, titokPipelineGetInfo(model->pipeline, &model->info));
    model->info.structSize = sizeof model->info;
    WORKS(titokPipelineGetInfo(model->pipeline, &model->info));
    REFUSED(INVALID_HANDLE, titokPipelineGetInfo((TitokPipeline)(void *)model->device, &model->info));
    REFUSED(INVALID_ARGUMENT, titokPipelineGetLabel(model->pipeline, model->info.classes, &label));
    REFUSED(INVALID_ARGUMENT, titokPipelineGetLabel(model->pipeline, 0, NULL));
    WORKS(titokPipelineGetLabel(model->pipeline, 0, &label));
    REFUSED(INVALID_ARGUMENT, titokPipelineGetPreset(model->pipeline, "no such preset", &settings));
    REFUSED(INVALID_ARGUMENT, titokPipelineGetPreset(model->pipeline, NULL, NULL));
    WORKS(titokPipelineGetPreset(model->pipeline, NULL, &settings));
    for (presets = 0; titokPipelineGetPresetName(model->pipeline, presets, &text) == TITOK_OK; presets++)
        WORKS(titokPipelineGetPreset(model->pipeline, text, &settings));
    HOLDS(presets > 0 && presets < 100);
    REFUSED(INVALID_ARGUMENT, titokPipelineGetPresetName(model->pipeline, presets, &text));
    REFUSED(INVALID_ARGUMENT, titokPipelineGetPresetName(model->pipeline, 0, NULL));
    REFUSED(INVALID_HANDLE, titokPipelineGetPresetName((TitokPipeline)(void *)model->device, 0, &text));
    HOLDS(settings.steps > 0);
    model->imageLength = (size_t)3 * model->info.imageSize * model->info.imageSize;
    model->tokens = calloc(model->info.latentTokens, sizeof(int32_t));
    model->images = calloc(model->imageLength, sizeof(float));
}

static int stop(void *user, const TitokStep *step)
{
    *(uint32_t *)user = step->step;
    return step->structSize == sizeof *step && step->step == 1 && step->steps > 1 && step->firstPicture == 0 && step->tokenCount > 0 && step->tokens != NULL;
}

/* In the middle of a call on the pipeline. */
static int destroy(void *user, const TitokStep *step)
{
    Model *model = user;
    (void)step;
    REFUSED(IN_USE, titokPipelineDestroy(model->pipeline));
    return 1;
}

/* Counts its calls, keeps what it is told, and cancels once so many pictures are done. */
typedef struct Coding {
    uint32_t calls, pictures, most;
} Coding;

static int code(void *user, uint32_t pictures)
{
    Coding *coding = user;
    coding->calls++;
    coding->pictures = pictures;
    return pictures >= coding->most;
}

/* More pictures than a batch has, told of batch by batch, and cancelled after the first and the last. */
static void batches(Model *model)
{
    const uint32_t batch = model->info.maxPicturesPerJob, pictures = batch + 1;
    const size_t tokens = (size_t)pictures * model->info.latentTokens, images = (size_t)pictures * model->imageLength;
    int32_t *token = calloc(tokens, sizeof *token);
    float *image = calloc(images, sizeof *image);
    Coding all = {0, 0, UINT32_MAX}, first = {0, 0, 1}, last = {0, 0, 0};

    WORKS(titokDecode(model->pipeline, pictures, token, tokens, image, images, code, &all));
    HOLDS(all.calls > 0 && all.pictures == pictures);
    all.calls = 0;
    WORKS(titokEncode(model->pipeline, pictures, image, images, token, tokens, code, &all));
    HOLDS(all.calls > 0 && all.pictures == pictures);
    REFUSED(CANCELLED, titokDecode(model->pipeline, pictures, token, tokens, image, images, code, &first));
    HOLDS(first.calls == 1 && first.pictures > 0);
    first.calls = 0;
    REFUSED(CANCELLED, titokEncode(model->pipeline, pictures, image, images, token, tokens, code, &first));
    HOLDS(first.calls == 1);
    last.most = pictures;
    REFUSED(CANCELLED, titokDecode(model->pipeline, pictures, token, tokens, image, images, code, &last));
    HOLDS(last.calls == all.calls);
    free(token);
    free(image);
}

static void pictures(Model *model)
{
    TitokRequest request = requestOf(), wrong;
    TitokPipeline pipeline = model->pipeline;
    const uint32_t noClass[] = {0xFFFFFFFFu};
    const size_t tokens = model->info.latentTokens, images = model->imageLength;
    uint32_t step = 0;

    REFUSED(INVALID_HANDLE, titokGenerate(NULL, &request, NULL, 0, NULL, 0, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, NULL, NULL, 0, NULL, 0, NULL, NULL));
    wrong = request;
    wrong.pictures = 0;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL));
    wrong.pictures = 0xFFFFFFFFu;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL));
    wrong = request;
    wrong.classes = NULL;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL));
    wrong.classes = noClass;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL));
    wrong = request;
    wrong.settings.steps = 5;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL)); /* settings without their size */
    wrong.settings.structSize = 0;
    REFUSED(INVALID_ARGUMENT, titokPipelineGetPreset(pipeline, "demo", &wrong.settings));
    wrong.settings.structSize = sizeof wrong.settings;
    WORKS(titokPipelineGetPreset(pipeline, "demo", &wrong.settings));
    wrong.settings.steps = 100000;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL));
    wrong.settings.steps = 8;
    wrong.settings.decay = (TitokDecay)8;
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &wrong, NULL, 0, NULL, 0, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &request, model->tokens, tokens - 1, NULL, 0, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &request, NULL, tokens, NULL, 0, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokGenerate(pipeline, &request, NULL, 0, model->images, SIZE_MAX, NULL, NULL));
    REFUSED(CANCELLED, titokGenerate(pipeline, &request, NULL, 0, NULL, 0, stop, &step));
    HOLDS(step == 1);
    REFUSED(CANCELLED, titokGenerate(pipeline, &request, NULL, 0, NULL, 0, destroy, model));
    WORKS(titokGenerate(pipeline, &request, model->tokens, tokens, model->images, images, NULL, NULL));

    REFUSED(INVALID_ARGUMENT, titokDecode(pipeline, 1, NULL, tokens, model->images, images, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokDecode(pipeline, 2, model->tokens, tokens, model->images, images, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokDecode(pipeline, 1, model->tokens, tokens, (float *)(void *)((char *)model->images + 1), images, NULL, NULL));
    WORKS(titokDecode(pipeline, 1, model->tokens, tokens, model->images, images, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokEncode(pipeline, 0, model->images, images, model->tokens, tokens, NULL, NULL));
    REFUSED(INVALID_ARGUMENT, titokEncode(pipeline, 1, model->images, 3, model->tokens, tokens, NULL, NULL));
    WORKS(titokEncode(pipeline, 1, model->images, images, model->tokens, tokens, NULL, NULL));
    model->tokens[0] = (int32_t)model->info.codebookSize;
    REFUSED(INVALID_ARGUMENT, titokDecode(pipeline, 1, model->tokens, tokens, model->images, images, NULL, NULL));
    HOLDS(strstr(titokLastMessage(), "tokens[0, 0]") != NULL);
    model->tokens[0] = 0;
    /* This tokenizer has tokens. */
    REFUSED(INVALID_OPERATION, titokDecodeLatents(pipeline, 1, model->images, (size_t)model->info.latentTokens * model->info.latentChannels, model->images, images, NULL, NULL));
    REFUSED(INVALID_OPERATION, titokEncodeLatents(pipeline, 1, model->images, images, NULL, model->images, (size_t)model->info.latentTokens * model->info.latentChannels, NULL, NULL));
}

static void jobs(Model *model)
{
    TitokRequest request = requestOf(), many;
    TitokOutput output = TITOK_INIT(TitokOutput);
    TitokInput input = TITOK_INIT(TitokInput);
    TitokSlice slice = TITOK_INIT(TitokSlice);
    TitokSliceInfo info = TITOK_INIT(TitokSliceInfo);
    TitokJobStatus status = TITOK_INIT(TitokJobStatus);
    const TitokSemaphore none = {VK_NULL_HANDLE, 0};
    const size_t tokens = model->info.latentTokens;
    uint32_t *classes = calloc(1000, sizeof(uint32_t));
    TitokJob job = NULL, decoding = NULL;
    uint8_t pixel[4];

    REFUSED(INVALID_ARGUMENT, titokJobGenerate(model->pipeline, NULL, &job));
    REFUSED(INVALID_ARGUMENT, titokJobGenerate(model->pipeline, &request, NULL));
    many = request;
    many.pictures = 1000;
    many.classes = classes;
    REFUSED(INVALID_ARGUMENT, titokJobGenerate(model->pipeline, &many, &job)); /* more than a job makes */
    many = request;
    many.knownTokens = model->tokens;
    model->tokens[0] = -2;
    REFUSED(INVALID_ARGUMENT, titokJobGenerate(model->pipeline, &many, &job)); /* neither a token nor -1 */
    model->tokens[0] = 0;
    many = request;
    many.settings.guidance = 4.0f;
    REFUSED(INVALID_ARGUMENT, titokJobGenerate(model->pipeline, &many, &job)); /* settings without steps, and of no size */
    many.settings.structSize = sizeof many.settings;
    REFUSED(INVALID_ARGUMENT, titokJobGenerate(model->pipeline, &many, &job)); /* without steps */
    WORKS(titokJobGenerate(model->pipeline, &request, &job));
    REFUSED(IN_USE, titokPipelineDestroy(model->pipeline));
    REFUSED(INVALID_ARGUMENT, titokJobDecode(model->pipeline, 1, model->tokens, tokens + 1, &decoding));
    WORKS(titokJobDecode(model->pipeline, 1, model->tokens, tokens, &decoding));

    REFUSED(INVALID_ARGUMENT, titokJobSetOutput(job, NULL, 0));
    REFUSED(INVALID_ARGUMENT, (output.kind = TITOK_OUTPUT_IMAGE, titokJobSetOutput(job, &output, 0))); /* no image */
    REFUSED(INVALID_ARGUMENT, (output.kind = TITOK_OUTPUT_BUFFER, titokJobSetOutput(job, &output, 0)));
    REFUSED(INVALID_ARGUMENT, (output.kind = (TitokOutputKind)9, titokJobSetOutput(job, &output, 0)));
    HOLDS(strstr(titokLastMessage(), "output.kind") != NULL);
    output.kind = TITOK_OUTPUT_MEMORY;
    output.format = (TitokPixelFormat)99;
    REFUSED(INVALID_ARGUMENT, titokJobSetOutput(job, &output, 0));
    output.kind = TITOK_OUTPUT_IMAGE;
    output.image = (VkImage)(uintptr_t)1;
    output.format = TITOK_PIXEL_PLANAR_F32;
    REFUSED(INVALID_ARGUMENT, titokJobSetOutput(job, &output, 0));
    output.format = TITOK_PIXEL_RGBA8;
    output.columns = 0xFFFFFFFFu;
    REFUSED(INVALID_ARGUMENT, titokJobSetOutput(job, &output, 0));
    output.columns = 0;
    output.layoutBefore = VK_IMAGE_LAYOUT_GENERAL;
    REFUSED(INVALID_ARGUMENT, titokJobSetOutput(job, &output, 1)); /* not where the picture before leaves it */
    output.kind = TITOK_OUTPUT_BUFFER;
    output.buffer = (VkBuffer)(uintptr_t)1;
    output.offsetInBytes = 3;
    REFUSED(INVALID_ARGUMENT, titokJobSetOutput(job, &output, 0));
    output.kind = TITOK_OUTPUT_NONE;
    REFUSED(INVALID_OPERATION, titokJobSetOutput(decoding, &output, 1)); /* no steps to preview */
    REFUSED(INVALID_HANDLE, titokJobSetOutput((TitokJob)(void *)model->pipeline, &output, 0));
    WORKS(titokJobSetOutput(job, &output, 0));

    REFUSED(INVALID_ARGUMENT, titokJobRecord(job, NULL, NULL, NULL));
    REFUSED(INVALID_HANDLE, titokJobRecord(NULL, NULL, NULL, NULL));
    slice.structSize = 3;
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, NULL, 0, NULL, 0, NULL));
    slice.structSize = sizeof slice;
    slice.milliseconds = -1;
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, NULL, 0, NULL, 0, NULL));
    slice.milliseconds = 1;
    slice.dispatches = 1;
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, NULL, 0, NULL, 0, NULL)); /* two bounds */
    slice.milliseconds = 0;
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, NULL, 1, NULL, 0, NULL));
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, &none, 1, NULL, 0, NULL));
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, NULL, 0, &none, 1000, NULL));
    info.structSize = 0;
    REFUSED(INVALID_ARGUMENT, titokJobSubmit(job, &slice, NULL, 0, NULL, 0, &info));
    info.structSize = sizeof info;

    REFUSED(INVALID_ARGUMENT, titokJobReadTokens(job, 0, model->tokens, tokens)); /* not executed */
    REFUSED(INVALID_OPERATION, titokJobReadTokens(decoding, 0, model->tokens, tokens)); /* not finished */
    REFUSED(INVALID_ARGUMENT, titokJobReadTokens(decoding, 1, model->tokens, tokens)); /* no steps */
    REFUSED(INVALID_OPERATION, titokJobReadLatents(decoding, model->images, 1)); /* not a VAE */
    REFUSED(INVALID_OPERATION, titokJobReadLatents(job, model->images, 1)); /* not a job of pictures */
    REFUSED(INVALID_ARGUMENT, titokJobMarkExecuted(job, 0)); /* nothing recorded */
    REFUSED(INVALID_OPERATION, titokJobCheckResults(job)); /* not finished */
    REFUSED(INVALID_OPERATION, titokJobReadImages(job, model->images, model->imageLength));
    REFUSED(INVALID_OPERATION, titokJobReadOutput(job, pixel, sizeof pixel));
    REFUSED(INVALID_ARGUMENT, titokJobGetStatus(job, NULL));
    REFUSED(INVALID_OPERATION, titokJobTakeBack(job, 0)); /* nothing recorded */
    REFUSED(INVALID_OPERATION, titokJobRestartTokens(job, model->tokens, tokens));
    REFUSED(INVALID_OPERATION, titokJobRestartSeed(decoding, 1));
    REFUSED(INVALID_OPERATION, titokJobRestartInput(decoding, &input)); /* takes tokens */
    REFUSED(INVALID_OPERATION, titokJobRestartInput(job, &input)); /* takes requests */
    REFUSED(INVALID_OPERATION, titokJobRestartLatents(decoding, model->images, (size_t)model->info.latentTokens * model->info.latentChannels));
    REFUSED(INVALID_OPERATION, titokJobRestartLatents(job, model->images, 1));
    REFUSED(INVALID_ARGUMENT, titokJobRestartTokens(decoding, NULL, tokens));
    REFUSED(INVALID_ARGUMENT, titokJobRestartTokens(decoding, model->tokens, 1));
    many = request;
    many.pictures = 2;
    many.classes = classes;
    REFUSED(INVALID_ARGUMENT, titokJobRestart(job, &many));

    WORKS(titokJobSubmit(job, &slice, NULL, 0, NULL, 0, &info));
    HOLDS(info.dispatches == 1 && info.number == 0 && info.timelineValue != 0);
    REFUSED(INVALID_OPERATION, titokJobTakeBack(job, 0)); /* submitted, not recorded */
    WORKS(titokJobWait(job, UINT64_MAX));
    slice.dispatches = 0;
    slice.everything = 1;
    WORKS(titokJobSubmit(job, &slice, NULL, 0, NULL, 0, &info));
    HOLDS(info.isLast == 1);
    WORKS(titokJobWait(job, UINT64_MAX));
    WORKS(titokJobGetStatus(job, &status));
    HOLDS(status.isFinished && status.stepsExecuted == status.steps && status.progress > 0.999);
    WORKS(titokJobSubmit(job, &slice, NULL, 0, NULL, 0, &info)); /* nothing left, which is no error */
    HOLDS(info.number == -1 && info.isLast == 1);
    WORKS(titokJobCheckResults(job));
    WORKS(titokJobReadTokens(job, status.steps - 1, model->tokens, tokens));
    REFUSED(INVALID_ARGUMENT, titokJobReadTokens(job, status.steps, model->tokens, tokens));
    REFUSED(INVALID_ARGUMENT, titokJobReadTokens(job, 0, model->tokens, tokens - 1));
    REFUSED(INVALID_ARGUMENT, titokJobReadImages(job, model->images, 5));
    WORKS(titokJobReadImages(job, model->images, model->imageLength));
    WORKS(titokJobRestartSeed(job, 3));
    WORKS(titokJobCancel(job));

    WORKS(titokJobDestroy(job));
    REFUSED(INVALID_HANDLE, titokJobDestroy(job));
    REFUSED(INVALID_HANDLE, titokJobGetStatus(job, &status));
    REFUSED(INVALID_HANDLE, titokJobSubmit(job, &slice, NULL, 0, NULL, 0, NULL));
    REFUSED(INVALID_HANDLE, titokJobWait((TitokJob)(void *)model->pipeline, 0));
    WORKS(titokJobDestroy(decoding));
    free(classes);
}

static void encoding(Model *model)
{
    TitokInput input = TITOK_INIT(TitokInput), bytes = TITOK_INIT(TitokInput), bad;
    TitokOutput output = TITOK_INIT(TitokOutput);
    TitokSlice everything = TITOK_INIT(TitokSlice);
    TitokJobStatus status = TITOK_INIT(TitokJobStatus);
    const size_t tokens = model->info.latentTokens, pixels = (size_t)model->info.imageSize * model->info.imageSize;
    int32_t *expected = calloc(tokens, sizeof *expected);
    uint8_t *rgba = calloc(pixels, 4);
    TitokJob job = NULL;
    size_t i;

    for (i = 0; i < pixels * 4; i++)
        rgba[i] = (uint8_t)(i * 7 % 256);
    for (i = 0; i < pixels * 3; i++)
        model->images[i] = (float)rgba[i % pixels * 4 + i / pixels] / 255.0f;
    WORKS(titokEncode(model->pipeline, 1, model->images, pixels * 3, expected, tokens, NULL, NULL));

    everything.everything = 1;
    input.format = TITOK_PIXEL_PLANAR_F32;
    input.pixels = model->images;
    input.sizeInBytes = pixels * 3 * sizeof *model->images;
    bytes.pixels = rgba;
    bytes.sizeInBytes = pixels * 4;
    REFUSED(INVALID_HANDLE, titokJobEncode(NULL, 1, &input, &job));
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, NULL, &job));
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &input, NULL));
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 0, &input, &job));
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 2, &input, &job)); /* bytes of one */
    REFUSED(INVALID_ARGUMENT, titokJobReconstruct(model->pipeline, 65536, &input, &job));
    bad = input;
    bad.structSize = 4;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job));
    bad = input;
    bad.pixels = NULL;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job));
    bad = input;
    bad.kind = (TitokInputKind)9;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job));
    HOLDS(strstr(titokLastMessage(), "input.kind") != NULL);
    bad.kind = TITOK_INPUT_BUFFER;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job)); /* no buffer */
    bad.buffer = (VkBuffer)(uintptr_t)1;
    bad.offsetInBytes = 2;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job));
    bad.kind = TITOK_INPUT_IMAGE;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job)); /* no image */
    bad.image = (VkImage)(uintptr_t)1;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job)); /* no planes in an image */
    bad.format = TITOK_PIXEL_RGBA8;
    bad.layout = VK_IMAGE_LAYOUT_PREINITIALIZED;
    REFUSED(INVALID_ARGUMENT, titokJobEncode(model->pipeline, 1, &bad, &job));

    WORKS(titokJobEncode(model->pipeline, 1, &input, &job));
    REFUSED(IN_USE, titokPipelineDestroy(model->pipeline));
    REFUSED(INVALID_OPERATION, titokJobSetOutput(job, &output, 0)); /* makes no pictures */
    REFUSED(INVALID_OPERATION, titokJobReadTokens(job, 0, model->tokens, tokens)); /* not finished */
    REFUSED(INVALID_OPERATION, titokJobRestartTokens(job, expected, tokens));
    REFUSED(INVALID_OPERATION, titokJobRestartSeed(job, 1));
    REFUSED(INVALID_ARGUMENT, (bad = bytes, bad.sizeInBytes--, titokJobRestartInput(job, &bad)));
    WORKS(titokJobSubmit(job, &everything, NULL, 0, NULL, 0, NULL));
    WORKS(titokJobWait(job, UINT64_MAX));
    WORKS(titokJobGetStatus(job, &status));
    HOLDS(status.isFinished && status.outputsExecuted == 0 && status.steps == 0);
    WORKS(titokJobReadTokens(job, 0, model->tokens, tokens));
    HOLDS(memcmp(model->tokens, expected, tokens * sizeof *expected) == 0);
    REFUSED(INVALID_OPERATION, titokJobReadImages(job, model->images, pixels * 3));

    /* As bytes the same, and once more without being told what. */
    WORKS(titokJobRestartInput(job, &bytes));
    for (i = 0; i < 2; i++) {
        memset(model->tokens, 0, tokens * sizeof *expected);
        WORKS(titokJobSubmit(job, &everything, NULL, 0, NULL, 0, NULL));
        WORKS(titokJobWait(job, UINT64_MAX));
        WORKS(titokJobReadTokens(job, 0, model->tokens, tokens));
        HOLDS(memcmp(model->tokens, expected, tokens * sizeof *expected) == 0);
        WORKS(titokJobRestart(job, NULL));
    }

    /* What is no number has no tokens. */
    model->images[5] = NAN;
    REFUSED(NOT_FINITE, titokEncode(model->pipeline, 1, model->images, pixels * 3, expected, tokens, NULL, NULL));
    WORKS(titokJobRestartInput(job, &input));
    REFUSED(INVALID_OPERATION, titokJobCheckResults(job)); /* not finished */
    WORKS(titokJobSubmit(job, &everything, NULL, 0, NULL, 0, NULL));
    WORKS(titokJobWait(job, UINT64_MAX));
    REFUSED(NOT_FINITE, titokJobCheckResults(job));
    HOLDS(strstr(titokLastMessage(), "latents of picture 0") != NULL);
    WORKS(titokJobDestroy(job));
    REFUSED(INVALID_HANDLE, titokJobCheckResults(job));
    free(expected);
    free(rgba);
}

static void sharing(Model *model)
{
    TitokSharedBufferInfo info = TITOK_INIT(TitokSharedBufferInfo);
    TitokSharedBuffer buffer = NULL;
    TitokSharedSemaphore semaphore = NULL;
    VkSemaphore handle;
    intptr_t exported = -1;
    TitokResult made;

    REFUSED(INVALID_HANDLE, titokSharedBufferCreate(NULL, 4, TITOK_HANDLE_OPAQUE_FD, &buffer));
    REFUSED(INVALID_ARGUMENT, titokSharedBufferCreate(model->device, 0, TITOK_HANDLE_OPAQUE_FD, &buffer));
    REFUSED(INVALID_ARGUMENT, titokSharedBufferCreate(model->device, UINT64_MAX, TITOK_HANDLE_OPAQUE_FD, &buffer));
    REFUSED(INVALID_ARGUMENT, titokSharedBufferCreate(model->device, 4, (TitokHandleType)7, &buffer));
    REFUSED(INVALID_ARGUMENT, titokSharedBufferCreate(model->device, 4, TITOK_HANDLE_OPAQUE_FD, NULL));
    REFUSED(INVALID_ARGUMENT, titokSharedSemaphoreCreate(model->device, TITOK_HANDLE_OPAQUE_FD, 1, NULL));
    REFUSED(INVALID_HANDLE, titokSharedSemaphoreGetHandle(NULL, &handle));
    REFUSED(INVALID_HANDLE, titokSharedSemaphoreExport((TitokSharedSemaphore)(void *)model->device, &exported));
    made = titokSharedSemaphoreCreate(model->device, TITOK_HANDLE_OPAQUE_FD, 1, &semaphore);
    HOLDS(made == TITOK_OK || made == TITOK_ERROR_MISSING_FEATURE);
    if (made == TITOK_OK)
        WORKS(titokSharedSemaphoreDestroy(semaphore));
    REFUSED(MISSING_FEATURE, titokSharedBufferCreate(model->device, 4, TITOK_HANDLE_OPAQUE_WIN32, &buffer));
    HOLDS(strstr(titokLastMessage(), "as opaque NT handles") != NULL);
    REFUSED(MISSING_FEATURE, titokSharedSemaphoreCreate(model->device, TITOK_HANDLE_OPAQUE_WIN32, 1, &semaphore));
    HOLDS(strstr(titokLastMessage(), "as opaque NT handles") != NULL);
    made = titokSharedBufferCreate(model->device, 4096, TITOK_HANDLE_OPAQUE_FD, &buffer);
    HOLDS(made == TITOK_OK || made == TITOK_ERROR_MISSING_FEATURE);
    if (made == TITOK_OK) {
        REFUSED(IN_USE, titokDeviceDestroy(model->device));
        HOLDS(strstr(titokLastMessage(), "1 shared buffer") != NULL);
        REFUSED(INVALID_ARGUMENT, titokSharedBufferGetInfo(buffer, NULL));
        WORKS(titokSharedBufferGetInfo(buffer, &info));
        HOLDS(info.sizeInBytes == 4096 && info.memorySizeInBytes >= 4096 && info.buffer != VK_NULL_HANDLE);
        REFUSED(INVALID_ARGUMENT, titokSharedBufferExport(buffer, NULL));
        WORKS(titokSharedBufferExport(buffer, &exported));
        HOLDS(exported >= 0 && close((int)exported) == 0);
        WORKS(titokSharedBufferDestroy(buffer));
        REFUSED(INVALID_HANDLE, titokSharedBufferDestroy(buffer));
    }
}

typedef struct Race {
    TitokJob job;
    int busy, other;
} Race;

static void *race(void *argument)
{
    Race *mine = argument;
    TitokJobStatus status = TITOK_INIT(TitokJobStatus);
    int i;
    for (i = 0; i < 20000; i++) {
        TitokResult result = titokJobGetStatus(mine->job, &status);
        if (result == TITOK_ERROR_BUSY)
            mine->busy++;
        else if (result != TITOK_OK)
            mine->other++;
    }
    return NULL;
}

static void threads(Model *model)
{
    TitokRequest request = requestOf();
    Race a = {0}, b = {0};
    pthread_t first, second;
    TitokJob job;
    WORKS(titokJobGenerate(model->pipeline, &request, &job));
    a.job = b.job = job;
    pthread_create(&first, NULL, race, &a);
    pthread_create(&second, NULL, race, &b);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    HOLDS(a.other == 0 && b.other == 0);
    printf("      two threads in one job: %d calls were told that it is busy\n", a.busy + b.busy);
    /* The other threads' messages are theirs. */
    REFUSED(INVALID_HANDLE, titokJobDestroy(NULL));
    HOLDS(strstr(titokLastMessage(), "job is null") != NULL);
    REFUSED(INVALID_HANDLE, titokSharedBufferDestroy(NULL));
    HOLDS(strstr(titokLastMessage(), "shared buffer is null") != NULL);
    WORKS(titokJobDestroy(job));
}

static void theEnd(Model *model)
{
    TitokRequest request = requestOf();
    TitokJob job = NULL;
    WORKS(titokPipelineDestroy(model->pipeline));
    REFUSED(INVALID_HANDLE, titokPipelineDestroy(model->pipeline));
    REFUSED(INVALID_HANDLE, titokJobGenerate(model->pipeline, &request, &job));
    REFUSED(INVALID_HANDLE, titokGenerate(model->pipeline, &request, NULL, 0, NULL, 0, NULL, NULL));
    WORKS(titokDeviceDestroy(model->device));
    REFUSED(INVALID_HANDLE, titokDeviceDestroy(model->device));
    REFUSED(INVALID_HANDLE, titokDeviceGetUsage(model->device, NULL, NULL));
    free(model->tokens);
    free(model->images);
}

/* In the middle of loading a model onto the device, which gets no memory for it. */
static void destroyInstead(
    void *user, uint64_t sizeInBytes, uint32_t memoryTypeIndex, uint32_t hasDeviceAddress, const char *purpose, TitokMemory *memory)
{
    (void)sizeInBytes, (void)memoryTypeIndex, (void)hasDeviceAddress, (void)purpose, (void)memory;
    REFUSED(IN_USE, titokDeviceDestroy(*(TitokDevice *)user));
}

static void freeNothing(void *user, const TitokMemory *memory)
{
    (void)user, (void)memory;
}

static void loading(TitokHostDevice lent, const char *folder)
{
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokDevice device = NULL;
    TitokPipeline pipeline = NULL;
    int before = passed;

    lent.allocate = destroyInstead;
    lent.free = freeNothing;
    lent.memoryUser = &device;
    options.path = folder;
    WORKS(titokDeviceAdopt(&lent, &device));
    REFUSED(OUT_OF_MEMORY, titokPipelineLoad(device, &options, &pipeline));
    HOLDS(passed > before + 2); /* it was tried */
    WORKS(titokDeviceDestroy(device));
}

int main(int argc, char **argv)
{
    Host host;
    Model model = {0};
    TitokDevice adopted;
    TitokHostDevice lent;

    if (argc != 2)
        return 2;
    theLibrary();
    hostCreate(&host, 64);
    hostCreateTexture(&host, 64);
    WORKS(titokDeviceCreate(NULL, &model.device));
    devices(&host, model.device);
    requirements(&host, model.device);
    pipelines(&model, argv[1]);
    pictures(&model);
    batches(&model);
    jobs(&model);
    encoding(&model);
    threads(&model);
    sharing(&model);
    theEnd(&model);

    /* After all that a device still works, a host's too, and it outlives nothing of the host's. */
    lent = lend(&host);
    loading(lent, argv[1]);
    WORKS(titokDeviceAdopt(&lent, &adopted));
    WORKS(titokRequirementsDestroy(host.requirements));
    WORKS(titokDeviceDestroy(adopted));
    hostDestroy(&host);
    HOLDS(host.messages == 0);
    return counted();
}
