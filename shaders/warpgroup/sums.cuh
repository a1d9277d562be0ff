// The sums of a block, as wgmma leaves them, on their way to rows.
#pragma once
#include "device.cuh"

// Brings CHUNK rows of the sums, from one on, to shared memory: fp32, a row's columns side by side, STRIDE numbers a row. All of the block's
// threads do it together; what is there is done with.
template<u32 CHUNK, u32 STRIDE, u32 ROWS>
DEVICE void share_sums(u32 to, const float (&sums)[ROWS / 2], u32 chunk)
{
    u32 lane = thread() % 32, column = thread() / 32 * 16 + lane / 4;
    barrier();
#pragma unroll
    for (u32 i = 0; i < CHUNK / 8 && chunk + i * 8 < ROWS; i++)
    {
#pragma unroll
        for (u32 c = 0; c < 4; c++)
            store_shared(to + ((i * 8 + lane % 4 * 2 + c % 2) * STRIDE + column + c / 2 * 8) * 4, sums[(chunk / 8 + i) * 4 + c]);
    }
    barrier();
}
