/*
 * A device, a model and jobs made and destroyed again and again, for valgrind to look at: lifetime MODEL_FOLDER CYCLES
 * Nothing is run on the device but what loading needs, as drivers on the CPU take minutes to compile under valgrind.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lend.h"

static void must(const char *call, TitokResult result)
{
    if (result != TITOK_OK) {
        fprintf(stderr, "%s: %s: %s\n", call, titokResultName(result), titokLastMessage());
        exit(1);
    }
}
#define MUST(call) must(#call, call)

static void cycle(Host *host, const char *model)
{
    static const uint32_t label[] = {0};
    TitokHostDevice lent = lend(host);
    TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
    TitokRequest request = TITOK_INIT(TitokRequest);
    TitokOutput output = TITOK_INIT(TitokOutput);
    TitokSliceInfo info = TITOK_INIT(TitokSliceInfo);
    TitokJobStatus status = TITOK_INIT(TitokJobStatus);
    VkCommandBufferBeginInfo begin = {0};
    TitokDevice device;
    TitokPipeline pipeline;
    TitokJob job;

    MUST(titokDeviceAdopt(&lent, &device));
    options.path = model;
    MUST(titokPipelineLoad(device, &options, &pipeline));
    request.pictures = 1;
    request.classes = label;
    MUST(titokJobGenerate(pipeline, &request, &job));
    output.kind = TITOK_OUTPUT_MEMORY;
    MUST(titokJobSetOutput(job, &output, 1));
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    VK(vkBeginCommandBuffer(host->commands[0], &begin));
    MUST(titokJobRecord(job, host->commands[0], NULL, &info));
    VK(vkEndCommandBuffer(host->commands[0]));
    VK(vkResetCommandBuffer(host->commands[0], 0));
    MUST(titokJobTakeBack(job, info.number));
    MUST(titokJobGetStatus(job, &status));
    MUST(titokJobDestroy(job));
    if (titokJobDestroy(job) != TITOK_ERROR_INVALID_HANDLE)
        exit(1);
    MUST(titokPipelineDestroy(pipeline));
    MUST(titokDeviceDestroy(device));
}

int main(int argc, char **argv)
{
    Host host;
    long i;
    if (argc != 3)
        return 2;
    hostCreate(&host, 16);
    hostCreateTexture(&host, 16);
    for (i = 0; i < strtol(argv[2], NULL, 10); i++)
        cycle(&host, argv[1]);
    MUST(titokRequirementsDestroy(host.requirements));
    hostDestroy(&host);
    return host.messages != 0;
}
