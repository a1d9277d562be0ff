// The multiplication of shaders/warpgroup/multiply.cuh: noted, for whoever waits for it.
#pragma once

DEVICE void multiply(float (&sums)[64], const u32x4& weights, u64 rows)
{
    threads[current].multiplications.open.push_back({sums, &weights, rows});
}
