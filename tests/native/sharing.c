/*
 * A shared buffer as a job's output: its range is released to VK_QUEUE_FAMILY_EXTERNAL where that is asked for, and not
 * where it isn't. The barriers are seen by a function of ours in the place of vkCmdPipelineBarrier.
 *
 *   sharing MODEL_FOLDER
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lend.h"

static PFN_vkGetDeviceProcAddr nextDevice;
static PFN_vkCmdPipelineBarrier nextBarrier;
static uint32_t releases, strays; /* of the buffer below to others, and any other transfer */
static VkBuffer released;
static uint32_t family;
static VkDeviceSize offset, size;

static VKAPI_ATTR void VKAPI_CALL barrier(
    VkCommandBuffer commands, VkPipelineStageFlags from, VkPipelineStageFlags to, VkDependencyFlags flags, uint32_t memoryCount,
    const VkMemoryBarrier *memory, uint32_t bufferCount, const VkBufferMemoryBarrier *buffers, uint32_t imageCount, const VkImageMemoryBarrier *images)
{
    uint32_t i;
    for (i = 0; i < bufferCount; i++) {
        const VkBufferMemoryBarrier *of = &buffers[i];
        if (of->buffer == released && of->srcQueueFamilyIndex == family && of->dstQueueFamilyIndex == VK_QUEUE_FAMILY_EXTERNAL
            && of->offset == offset && of->size == size && of->srcAccessMask == VK_ACCESS_TRANSFER_WRITE_BIT && from == VK_PIPELINE_STAGE_TRANSFER_BIT)
            releases++;
        else
            strays++;
    }
    nextBarrier(commands, from, to, flags, memoryCount, memory, bufferCount, buffers, imageCount, images);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL deviceFunction(VkDevice device, const char *name)
{
    PFN_vkVoidFunction found = nextDevice(device, name);
    if (strcmp(name, "vkCmdPipelineBarrier") != 0)
        return found;
    nextBarrier = (PFN_vkCmdPipelineBarrier)found;
    return (PFN_vkVoidFunction)barrier;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instanceFunction(VkInstance instance, const char *name)
{
    PFN_vkVoidFunction found = vkGetInstanceProcAddr(instance, name);
    if (strcmp(name, "vkGetDeviceProcAddr") != 0)
        return found;
    nextDevice = (PFN_vkGetDeviceProcAddr)found;
    return (PFN_vkVoidFunction)deviceFunction;
}

/* Decodes some tokens into the shared buffer. */
static void decode(TitokPipeline pipeline, const TitokPipelineInfo *info, VkBuffer buffer, uint32_t releaseToExternal)
{
    int32_t *tokens = calloc(info->latentTokens, sizeof *tokens);
    TitokOutput output = TITOK_INIT(TitokOutput);
    TitokSlice slice = TITOK_INIT(TitokSlice);
    TitokJob job;
    output.kind = TITOK_OUTPUT_BUFFER;
    output.buffer = buffer;
    output.offsetInBytes = offset;
    output.releaseToExternal = releaseToExternal;
    slice.everything = 1;
    WORKS(titokJobDecode(pipeline, 1, tokens, info->latentTokens, &job));
    WORKS(titokJobSetOutput(job, &output, 0));
    WORKS(titokJobSubmit(job, &slice, NULL, 0, NULL, 0, NULL));
    WORKS(titokJobWait(job, UINT64_MAX));
    WORKS(titokJobDestroy(job));
    free(tokens);
}

int main(int argc, char **argv)
{
    Host host;
    TitokHostDevice lent;
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
    TitokSharedBufferInfo shared = TITOK_INIT(TitokSharedBufferInfo);
    TitokDevice device;
    TitokPipeline pipeline;
    TitokSharedBuffer buffer;
    TitokResult made;

    if (argc != 2)
        return 2;
    hostCreate(&host, 16);
    hostCreateTexture(&host, 16);
    family = host.family;
    lent = lend(&host);
    lent.getInstanceProcAddr = instanceFunction;
    WORKS(titokDeviceAdopt(&lent, &device));
    WORKS(titokRequirementsDestroy(host.requirements));
    options.path = argv[1];
    WORKS(titokPipelineLoad(device, &options, &pipeline));
    WORKS(titokPipelineGetInfo(pipeline, &info));
    offset = 256;
    size = (VkDeviceSize)4 * info.imageSize * info.imageSize;
    made = titokSharedBufferCreate(device, offset + size, TITOK_HANDLE_OPAQUE_FD, &buffer);
    HOLDS(made == TITOK_OK || made == TITOK_ERROR_MISSING_FEATURE);
    if (made == TITOK_OK) {
        WORKS(titokSharedBufferGetInfo(buffer, &shared));
        released = shared.buffer;
        decode(pipeline, &info, shared.buffer, 1);
        HOLDS(releases == 1 && strays == 0);
        decode(pipeline, &info, shared.buffer, 0);
        HOLDS(releases == 1 && strays == 0);
        WORKS(titokSharedBufferDestroy(buffer));
        REFUSED(INVALID_HANDLE, titokSharedBufferGetInfo(buffer, &shared));
    } else {
        skip("releasing a shared buffer", titokLastMessage());
    }
    WORKS(titokPipelineDestroy(pipeline));
    WORKS(titokDeviceDestroy(device));
    hostDestroy(&host);
    HOLDS(host.messages == 0);
    return counted();
}
