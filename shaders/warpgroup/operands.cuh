// What the multiplications take: fragments of weights in memory, and matrices in shared memory.
#pragma once
#include "device.cuh"

// Bytes of a fragment of 16 x 16 weights, 16 of each lane.
constexpr u32 FRAGMENT_SIZE = 16 * 16 * 2;

// How wide the rows of a matrix are, whose pieces of 16 bytes are swizzled among as many: wgmma's numbers for it.
enum Swizzle : u32 { SWIZZLE_128_BYTES = 1, SWIZZLE_64_BYTES = 2 };

// A matrix descriptor, as the PTX manual has it: of rows as wide as the swizzle, eight behind eight. 16 bytes further, a 1 is added.
DEVICE u64 describe_matrix(u32 at, Swizzle swizzle)
{
    u32 row_size = swizzle == SWIZZLE_128_BYTES ? 128 : 64;
    return (u64)(at >> 4) | (u64)1 << 16 | (u64)(8 * row_size >> 4) << 32 | (u64)swizzle << 62;
}
