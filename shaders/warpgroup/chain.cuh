// Launches that follow each other without a barrier: a block of the next one waits until all blocks of the one before are counted. By
// then it is resident, and has asked for what does not depend on the others, its weights. Blocks of one launch begin before those of the next,
// or a processor full of waiting ones would wait for ever.
#pragma once
#include "device.cuh"

// So many looks at a counter take seconds; no launch before does.
constexpr u32 MOST_LOOKS = 1 << 22;

// For all threads of a block: waits for so many blocks of the launch before, 0 for none. What these have written is there from here on, for
// loads that are not of constants.
DEVICE void await_blocks(u64 counter, u32 blocks)
{
    if (blocks == 0)
        return;
    if (thread() == 0)
    {
        for (u32 looks = 0; load_count(counter) < blocks; looks++)
        {
            if (looks == MOST_LOOKS)
                give_up();
        }
    }
    barrier();
}

// For all threads of a block that have written all that they are to write.
DEVICE void count_block(u64 counter, u32 is_counted)
{
    if (is_counted == 0)
        return;
    barrier();
    if (thread() == 0)
        add_count(counter);
}
