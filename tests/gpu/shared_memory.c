/*
 * How much shared memory a kernel in PTX may have when Vulkan launches it (VK_NVX_binary_import), declared by the kernel or
 * asked for by the launch: shared_memory STATIC_BYTES DYNAMIC_BYTES. A launch that asks for too much loses the device, so each
 * is a process of its own:
 *
 *   for n in 49152 65536 102400 163840; do tests/gpu/artifacts/shared_memory $n 0; tests/gpu/artifacts/shared_memory 0 $n; done
 *
 * Every thread writes a word of each KiB and reads what another one wrote. It ends with 0 where that is right, with 77 where no
 * device has the extension.
 */
#include "ptx.h"

#define THREADS 128
#define BLOCKS 1024

/* Thread t of a block writes the block's number plus t to word t of each KiB, and adds up what thread 127 - t wrote. */
static const char *const source =
    ".version 8.0\n.target sm_80\n.address_size 64\n"
    "%s.visible .entry touch(.param .u64 to, .param .u32 size)\n"
    "{\n  .reg .u64 %%to, %%at; .reg .u32 %%t, %%block, %%size, %%offset, %%address, %%v, %%sum, %%base; .reg .pred %%p;\n"
    "  ld.param.u64 %%to, [to];\n  ld.param.u32 %%size, [size];\n  mov.u32 %%t, %%tid.x;\n  mov.u32 %%block, %%ctaid.x;\n"
    "  mov.u32 %%base, room;\n  mov.u32 %%offset, 0;\n"
    "WRITE:\n  mad.lo.u32 %%address, %%t, 4, %%base;\n  add.u32 %%address, %%address, %%offset;\n  add.u32 %%v, %%block, %%t;\n"
    "  st.shared.u32 [%%address], %%v;\n  add.u32 %%offset, %%offset, 1024;\n  setp.lt.u32 %%p, %%offset, %%size;\n  @%%p bra WRITE;\n"
    "  bar.sync 0;\n  mov.u32 %%offset, 0;\n  mov.u32 %%sum, 0;\n"
    "READ:\n  sub.u32 %%address, 127, %%t;\n  mad.lo.u32 %%address, %%address, 4, %%base;\n  add.u32 %%address, %%address, %%offset;\n"
    "  ld.shared.u32 %%v, [%%address];\n  add.u32 %%sum, %%sum, %%v;\n  add.u32 %%offset, %%offset, 1024;\n"
    "  setp.lt.u32 %%p, %%offset, %%size;\n  @%%p bra READ;\n"
    "  mad.lo.u32 %%v, %%block, 128, %%t;\n  mul.wide.u32 %%at, %%v, 4;\n  add.u64 %%at, %%at, %%to;\n  st.global.u32 [%%at], %%sum;\n  ret;\n}\n";

int main(int argc, char **argv)
{
    uint32_t i, j, fixed, dynamic, wrong = 0;
    char room[128], ptx[4096];
    struct {
        uint64_t to;
        uint32_t size;
    } parameters;

    if (argc != 3)
        return 2;
    fixed = (uint32_t)atoi(argv[1]);
    dynamic = (uint32_t)atoi(argv[2]);
    parameters.size = fixed > 0 ? fixed : dynamic;
    openGpu();
    const size_t size = (size_t)THREADS * BLOCKS * 4;
    uint32_t *words = createBuffer(size, 0, &parameters.to);
    memset(words, 0xff, size);
    if (fixed > 0)
        snprintf(room, sizeof room, ".shared .align 128 .b8 room[%u];\n", fixed);
    else
        snprintf(room, sizeof room, ".extern .shared .align 128 .b8 room[];\n");
    snprintf(ptx, sizeof ptx, source, room);
    VkCommandBuffer commands = beginCommands();
    launch(commands, createFunction(ptx, "touch"), BLOCKS, THREADS, dynamic, &parameters, 12);
    run(commands);
    for (i = 0; i < BLOCKS; i++) {
        for (j = 0; j < THREADS; j++)
            wrong += words[i * THREADS + j] != (i + THREADS - 1 - j) * (parameters.size / 1024) ? 1 : 0;
    }
    printf("%u bytes declared, %u asked for: %s\n", fixed, dynamic, wrong == 0 ? "right" : "wrong");
    return wrong != 0;
}
