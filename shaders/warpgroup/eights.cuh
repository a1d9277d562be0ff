// Eight numbers, which is what a thread hands out of a row at a time.
#pragma once
#include "device.cuh"

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
