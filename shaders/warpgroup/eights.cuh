// Eight numbers, which is what a thread hands out of a row at a time.
#pragma once
#include "device.cuh"

// As they are stored: fp16, or fp32.
struct Eights
{
    u32x4 bits;
    float v[8];
};

DEVICE void unpack_eight(u32x4 bits, float (&v)[8])
{
#pragma unroll
    for (u32 c = 0; c < 4; c++)
        unpack_halves(bits[c], v[2 * c], v[2 * c + 1]);
}

DEVICE u32x4 pack_eight(const float (&v)[8])
{
    u32x4 bits = {pack_halves(v[0], v[1]), pack_halves(v[2], v[3]), pack_halves(v[4], v[5]), pack_halves(v[6], v[7])};
    return bits;
}

DEVICE float sum_of_eight(const float (&v)[8]) { return (v[0] + v[1] + (v[2] + v[3])) + (v[4] + v[5] + (v[6] + v[7])); }

// Sums over LANES neighbouring lanes of each of some numbers.
template<u32 LANES, u32 COUNT>
DEVICE void sum_over_lanes(float (&v)[COUNT])
{
#pragma unroll
    for (u32 mask = 1; mask < LANES; mask *= 2)
    {
        float others[COUNT];
#pragma unroll
        for (u32 i = 0; i < COUNT; i++)
            others[i] = from_other_lane(v[i], mask);
#pragma unroll
        for (u32 i = 0; i < COUNT; i++)
            v[i] += others[i];
    }
}
