/*
 * A renderer that has a picture generated on its own Vulkan device while it draws: every frame gets one slice of the
 * work, and the quad's texture becomes clearer step by step. Then the texture is encoded the same way, and its tokens are
 * compared with those that it was decoded from.
 *
 *   embed-c MODEL_FOLDER OUTPUT_FOLDER [DISPATCHES_A_FRAME]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "png.h"

#define FRAME_SIZE 256
#define AFTERWARDS 10 /* frames after the picture is finished */
#define MOST_FRAMES 20000

#define TITOK(call) do { TitokResult result_ = (call); if (result_ != TITOK_OK) titokFail(#call, result_); } while (0)

static void titokFail(const char *call, TitokResult result)
{
    fprintf(stderr, "embed-c: %s: %s: %s\n", call, titokResultName(result), titokLastMessage());
    exit(1);
}

static void logLine(void *user, TitokLogLevel level, const char *message)
{
    (void)user;
    if (level >= TITOK_LOG_WARNING)
        fprintf(stderr, "titok: %s\n", message);
}

static TitokDevice adopt(Host *host)
{
    TitokHostDevice lent = TITOK_INIT(TitokHostDevice);
    TitokDevice device;
    lent.instance = host->instance;
    lent.physicalDevice = host->physicalDevice;
    lent.device = host->device;
    lent.queue = host->queue;
    lent.queueFamily = host->family;
    lent.apiVersion = HOST_API_VERSION;
    lent.getInstanceProcAddr = vkGetInstanceProcAddr;
    lent.requirements = host->requirements;
    TITOK(titokDeviceAdopt(&lent, &device));
    TITOK(titokRequirementsDestroy(host->requirements));
    host->requirements = NULL;
    return device;
}

static void writeFrame(Host *host, const char *folder, uint32_t frame)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/frame-%03" PRIu32 ".png", folder, frame);
    if (pngWrite(path, host->pixels, FRAME_SIZE, FRAME_SIZE) != 0) {
        fprintf(stderr, "embed-c: %s can't be written: %s\n", path, strerror(errno));
        exit(1);
    }
}

/* How many of the tokens that the picture was decoded from come back when it is encoded. */
static void compareTokens(TitokJob generating, TitokJob encoding, uint32_t lastStep, uint32_t count)
{
    int32_t *tokens = calloc((size_t)count * 2, sizeof *tokens);
    uint32_t i, same = 0;
    if (tokens == NULL)
        hostFail("no memory for tokens", 0);
    TITOK(titokJobReadTokens(generating, lastStep, tokens, count));
    TITOK(titokJobReadTokens(encoding, 0, tokens + count, count));
    for (i = 0; i < count; i++)
        same += tokens[i] == tokens[count + i];
    printf("%" PRIu32 " of %" PRIu32 " tokens come back when the texture is encoded\n", same, count);
    free(tokens);
}

int main(int argc, char **argv)
{
    Host host;
    TitokDevice device;
    TitokPipeline pipeline;
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
    TitokRequest request = TITOK_INIT(TitokRequest);
    TitokOutput output = TITOK_INIT(TitokOutput);
    TitokInput input = TITOK_INIT(TitokInput);
    TitokSlice slice = TITOK_INIT(TitokSlice);
    TitokJobStatus status = TITOK_INIT(TitokJobStatus), encoded = TITOK_INIT(TitokJobStatus);
    TitokJob generating, encoding;
    const char *name;
    uint32_t label = 0, frame, step = 0, written = 0, after = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: embed-c MODEL_FOLDER OUTPUT_FOLDER [DISPATCHES_A_FRAME]\n");
        return 2;
    }
    TITOK(titokSetLog(logLine, NULL));
    hostCreate(&host, FRAME_SIZE);
    device = adopt(&host);

    options.path = argv[1];
    TITOK(titokPipelineLoad(device, &options, &pipeline));
    TITOK(titokPipelineGetInfo(pipeline, &info));
    TITOK(titokPipelineGetLabel(pipeline, label, &name));
    printf("class %" PRIu32 "%s%s, %" PRIu32 " x %" PRIu32 " pixels\n", label, name[0] == '\0' ? "" : ": ", name, info.imageSize, info.imageSize);
    hostCreateTexture(&host, info.imageSize);

    request.pictures = 1;
    request.classes = &label;
    request.seed = 7;
    TITOK(titokJobGenerate(pipeline, &request, &generating));
    output.kind = TITOK_OUTPUT_IMAGE;
    output.image = host.texture.image;
    output.layoutBefore = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    output.layoutAfter = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    TITOK(titokJobSetOutput(generating, &output, 1));
    input.kind = TITOK_INPUT_IMAGE;
    input.image = host.texture.image;
    input.layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    TITOK(titokJobEncode(pipeline, 1, &input, &encoding));

    if (argc > 3)
        slice.dispatches = (uint32_t)strtoul(argv[3], NULL, 10);
    else
        slice.milliseconds = 8;

    /* Ten frames more than the work takes, to see the finished picture turn. */
    for (frame = 0; frame < MOST_FRAMES && after < AFTERWARDS; frame++) {
        VkCommandBuffer commands = hostBeginFrame(&host, frame);
        TITOK(titokJobRecord(status.isFinished ? encoding : generating, commands, &slice, NULL));
        /* In the last one it faces the viewer. */
        hostEndFrame(&host, frame, after == AFTERWARDS - 1 ? 0.0f : 0.1f * (float)frame);
        TITOK(titokJobGetStatus(generating, &status));
        TITOK(titokJobGetStatus(encoding, &encoded));
        if (encoded.isFinished)
            after++;
        /* A frame is written when the picture has changed, and at the start and the end. */
        if (frame == 0 || status.stepsExecuted != step || after == 1 || after == AFTERWARDS) {
            hostWaitFrame(&host, frame);
            writeFrame(&host, argv[2], frame);
            step = status.stepsExecuted;
            written++;
        }
    }
    if (!encoded.isFinished)
        hostFail("the jobs did not finish", (int)status.stepsExecuted);
    TITOK(titokJobCheckResults(generating));
    TITOK(titokJobCheckResults(encoding));
    printf("%" PRIu32 " frames drawn while %" PRIu32 " steps ran, %" PRIu32 " of them written to %s\n", frame, status.steps, written, argv[2]);

    compareTokens(generating, encoding, status.steps - 1, info.latentTokens);

    TITOK(titokJobDestroy(encoding));
    TITOK(titokJobDestroy(generating));
    hostWaitFrame(&host, frame - 1);
    TITOK(titokPipelineDestroy(pipeline));
    TITOK(titokDeviceDestroy(device));
    hostDestroy(&host);
    if (host.messages != 0) {
        fprintf(stderr, "embed-c: the validation layer has said %" PRIu32 " things\n", host.messages);
        return 1;
    }
    printf("validation: %s\n", host.validating ? "on, and silent" : "not installed");
    return 0;
}
