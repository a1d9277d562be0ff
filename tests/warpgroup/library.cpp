// The warpgroup kernels as a library: what a launch of one does, on the device that device.cuh emulates. See EmulatedHopper.cs.
#include "kernels.h"
#include <algorithm>
#include <string_view>

namespace
{
struct Program
{
    std::string_view name;
    u32 threads, parameter_size;
    void (*run)(const void* parameters);
};

template<typename Parameters, void (*KERNEL_FUNCTION)(Parameters)>
void run(const void* parameters)
{
    KERNEL_FUNCTION(*(const Parameters*)parameters);
}

#define LINEAR(block) {"linear_warpgroup_" #block ".fp16", linear_##block::LinearBlock::THREADS, sizeof(Linear), run<Linear, linear_##block::fp16>}
#define CONVOLUTION(block) \
    {"conv3x3_warpgroup_" #block ".fp16", conv3x3_##block::ConvolutionBlock::THREADS, sizeof(Convolution), run<Convolution, conv3x3_##block::fp16>}
#define ATTENTION(head) {"attention_warpgroup_" #head ".fp16", attention_##head::AttentionBlock::THREADS, sizeof(Attention), run<Attention, attention_##head::fp16>}

const Program programs[] = {
    LINEAR(128x256), LINEAR(192x256), LINEAR(40x64), LINEAR(72x64), LINEAR(136x128), CONVOLUTION(128x256), CONVOLUTION(192x256), CONVOLUTION(128x128),
    ATTENTION(64), ATTENTION(48),
};

char* told;
u32 told_size;
ucontext_t launched;
bool has_failed;

bool refuse(const char* what)
{
    std::snprintf(told, told_size, "%s", what);
    return false;
}
}

// Runs a launch as vkCmdCuLaunchKernelNVX describes it; false with a text where it does what no launch may. What it may read and write is
// given (Range); how is three bits: whether copies, and multiplications, happen as late as they may, and whether the last thread runs ahead.
extern "C" bool emulate_launch(
    const char* name, u32 grid_x, u32 grid_y, u32 grid_z, u32 block_threads, u32 shared_bytes, const void* parameters, u32 parameter_size,
    const Range* given, u32 given_count, u32 how, char* failure, u32 failure_size)
{
    told = failure;
    told_size = failure_size;
    const Program* program = nullptr;
    for (const Program& p : programs)
        program = p.name == name ? &p : program;
    if (program == nullptr)
        return refuse("there is no such kernel");
    if (program->threads != block_threads)
        return refuse("the kernel has another number of threads");
    if (program->parameter_size != parameter_size)
        return refuse("the kernel takes parameters of another size");
    if (shared_bytes > SHARED_MEMORY)
        return refuse("there is not as much shared memory");
    shared_size = shared_bytes;
    copies_are_late = (how & 1) != 0;
    multiplications_are_late = (how & 2) != 0;
    last_runs_ahead = (how & 4) != 0;
    ranges.assign(given, given + given_count);
    must_wait = std::any_of(ranges.begin(), ranges.end(), [](const Range& range) { return range.is_awaited; });
    has_failed = false;
    on_failure = [](const char* text)
    {
        refuse(text);
        has_failed = true;
        setcontext(&launched);
    };
    // Where a failure goes on.
    getcontext(&launched);
    if (!has_failed)
        run_grid(grid_x, grid_y, grid_z, block_threads, [&] { program->run(parameters); });
    return !has_failed;
}
