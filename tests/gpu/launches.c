/*
 * What a launch of a kernel in PTX costs in a command buffer (VK_NVX_binary_import) where each needs what the one before it
 * made, in microseconds:
 *
 *   barrier   with a barrier before each
 *   chained   without: a block waits, as its first thread polls a counter, until all blocks of the kernel before are counted
 *   ahead     the same, with a quarter of its work before it waits, as a kernel may load weights that do not depend on the others
 *   free      without either, so that it is wrong: what launches cost by themselves
 *
 * Every block reads what another block of the kernel before wrote, and counts what is not as it should be; a wait that never
 * ends is given up, and counted as well. Where "chained" is right, and takes less than "barrier" by more than the barrier's share
 * of a layer is worth, kernels can do without barriers between them.
 *
 *   tests/gpu/artifacts/launches
 *
 * It ends with 0 where all that waits is right, with 77 where no device has the extension.
 */
#include "ptx.h"

#define THREADS 128
#define SHARED_MEMORY 49152
#define LAUNCHES 2000
#define ROUNDS 3
#define MOST_BLOCKS 1024

/*
 * Works for so many cycles, waits until the counter has come to its target (0: does not), works on, and reads at its right
 * neighbour what should be one less than it writes. Then it counts itself, where there is a counter.
 */
static const char *const source =
    ".version 8.0\n.target sm_80\n.address_size 64\n"
    ".visible .entry link(.param .u64 from, .param .u64 to, .param .u64 counter, .param .u64 errors,\n"
    "  .param .u32 expected, .param .u32 target, .param .u32 before, .param .u32 after)\n"
    "{\n  .reg .u64 %from, %to, %counter, %errors, %at; .reg .u32 %expected, %target, %before, %after, %t, %block, %blocks, %start, %now, %v, %polls;\n"
    "  .reg .pred %p, %first;\n"
    "  ld.param.u64 %from, [from];\n  ld.param.u64 %to, [to];\n  ld.param.u64 %counter, [counter];\n  ld.param.u64 %errors, [errors];\n"
    "  ld.param.u32 %expected, [expected];\n  ld.param.u32 %target, [target];\n  ld.param.u32 %before, [before];\n  ld.param.u32 %after, [after];\n"
    "  mov.u32 %t, %tid.x;\n  mov.u32 %block, %ctaid.x;\n  mov.u32 %blocks, %nctaid.x;\n  setp.eq.u32 %first, %t, 0;\n"
    "  mov.u32 %start, %clock;\n"
    "BEFORE:\n  mov.u32 %now, %clock;\n  sub.u32 %now, %now, %start;\n  setp.lt.u32 %p, %now, %before;\n  @%p bra BEFORE;\n"
    "  setp.eq.u32 %p, %target, 0;\n  @%p bra READY;\n  @!%first bra WAITED;\n  mov.u32 %polls, 0;\n"
    "POLL:\n  ld.acquire.gpu.global.u32 %v, [%counter];\n  setp.ge.u32 %p, %v, %target;\n  @%p bra WAITED;\n"
    "  add.u32 %polls, %polls, 1;\n  setp.lt.u32 %p, %polls, 100000;\n  @%p bra POLL;\n  red.global.add.u32 [%errors+4], 1;\n"
    "WAITED:\n  bar.sync 0;\n"
    "READY:\n  setp.ne.u32 %p, %t, 1;\n  @%p bra WORK;\n"
    "  add.u32 %v, %block, 1;\n  setp.eq.u32 %p, %v, %blocks;\n  @%p mov.u32 %v, 0;\n"
    "  mul.wide.u32 %at, %v, 4;\n  add.u64 %at, %at, %from;\n  ld.global.u32 %v, [%at];\n"
    "  setp.ne.u32 %p, %v, %expected;\n  @%p red.global.add.u32 [%errors], 1;\n"
    "WORK:\n  mov.u32 %start, %clock;\n"
    "AFTER:\n  mov.u32 %now, %clock;\n  sub.u32 %now, %now, %start;\n  setp.lt.u32 %p, %now, %after;\n  @%p bra AFTER;\n"
    "  add.u32 %v, %expected, 1;\n  mul.wide.u32 %at, %block, 4;\n  add.u64 %at, %at, %to;\n  setp.ne.u32 %p, %t, 1;\n  @%p bra COUNT;\n"
    "  st.global.u32 [%at], %v;\n"
    "COUNT:\n  bar.sync 0;\n  setp.eq.u64 %p, %counter, 0;\n  @%p bra END;\n  @!%first bra END;\n"
    "  fence.acq_rel.gpu;\n  red.release.gpu.global.add.u32 [%counter], 1;\n"
    "END:\n  ret;\n}\n";

typedef enum { BARRIER, CHAINED, AHEAD, FREE, MODES } Mode;

/* As the kernel declares them. */
typedef struct {
    uint64_t from, to, counter, errors;
    uint32_t expected, target, before, after;
} Parameters;

static VkQueryPool queries;
static double period;

/* Microseconds a launch, the least of some rounds; what was wrong in all of them, and how many waits were given up, go to errors. */
static double measure(VkCuFunctionNVX function, Mode mode, uint32_t blocks, uint32_t cycles, uint32_t *words, uint64_t address, uint32_t errors[2])
{
    const VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER, .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT,
    };
    const VkPipelineStageFlags all = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    double least = 1e30;
    errors[0] = errors[1] = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        VkCommandBuffer commands = beginCommands();
        uint64_t ticks[2];
        memset(words, 0, (2 * MOST_BLOCKS + 64) * sizeof *words);
        vkCmdResetQueryPool(commands, queries, 0, 2);
        vkCmdPipelineBarrier(commands, all, all, 0, 1, &barrier, 0, NULL, 0, NULL);
        vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, 0);
        for (uint32_t i = 0; i < LAUNCHES; i++) {
            const uint64_t arrays[] = {address, address + MOST_BLOCKS * sizeof *words};
            Parameters parameters = {.from = arrays[i % 2], .to = arrays[1 - i % 2], .errors = address + 2 * MOST_BLOCKS * sizeof *words, .expected = i};
            /* Away from what counts errors, in a line of its own. */
            if (mode == CHAINED || mode == AHEAD) {
                parameters.counter = parameters.errors + 128;
                parameters.target = i * blocks;
            }
            parameters.before = mode == AHEAD ? cycles / 4 : 0;
            parameters.after = cycles - parameters.before;
            if (mode == BARRIER && i > 0)
                vkCmdPipelineBarrier(commands, all, all, 0, 1, &barrier, 0, NULL, 0, NULL);
            launch(commands, function, blocks, THREADS, SHARED_MEMORY, &parameters, sizeof parameters);
        }
        vkCmdPipelineBarrier(commands, all, all, 0, 1, &barrier, 0, NULL, 0, NULL);
        vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, 1);
        run(commands);
        vkFreeCommandBuffers(gpu.device, gpu.pool, 1, &commands);
        VK(vkGetQueryPoolResults(gpu.device, queries, 0, 2, sizeof ticks, ticks, sizeof *ticks, VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT));
        const double took = (double)(ticks[1] - ticks[0]) * period / 1e3 / LAUNCHES;
        least = took < least ? took : least;
        errors[0] += words[2 * MOST_BLOCKS];
        errors[1] += words[2 * MOST_BLOCKS + 1];
    }
    return least;
}

int main(void)
{
    static const char *const names[MODES] = {"barrier", "chained", "ahead", "free"};
    static const uint32_t blocks[] = {66, 132, 264, 528}, cycles[] = {0, 4000, 8000};
    VkQueryPoolCreateInfo queryInfo = {.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO, .queryType = VK_QUERY_TYPE_TIMESTAMP, .queryCount = 2};
    VkPhysicalDeviceProperties properties;
    uint64_t address;
    int wrong = 0;

    openGpu();
    vkGetPhysicalDeviceProperties(gpu.physical, &properties);
    period = properties.limits.timestampPeriod;
    VK(vkCreateQueryPool(gpu.device, &queryInfo, NULL, &queries));
    VkCuFunctionNVX function = createFunction(source, "link");
    /* On the device, as what its kernels pass each other is. */
    uint32_t *words = createBuffer((2 * MOST_BLOCKS + 64) * sizeof *words, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, &address);
    printf("%s, microseconds a launch of %d, the least of %d rounds\nblocks cycles", properties.deviceName, LAUNCHES, ROUNDS);
    for (Mode mode = 0; mode < MODES; mode++)
        printf(" %8s", names[mode]);
    printf("\n");
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        for (size_t c = 0; c < sizeof cycles / sizeof *cycles; c++) {
            char told[256] = "";
            printf("%6u %6u", blocks[b], cycles[c]);
            for (Mode mode = 0; mode < MODES; mode++) {
                uint32_t errors[2];
                printf(" %8.2f", measure(function, mode, blocks[b], cycles[c], words, address, errors));
                /* Those that are free to overlap read too early. */
                if (mode == FREE || (errors[0] == 0 && errors[1] == 0))
                    continue;
                wrong = 1;
                snprintf(told + strlen(told), sizeof told - strlen(told), "  %s: %u wrong, %u given up", names[mode], errors[0], errors[1]);
            }
            printf("%s\n", told);
            fflush(stdout);
        }
    }
    return wrong;
}
