// The multiplications of shaders/warpgroup/multiply.cuh: noted, for whoever waits for them.
#pragma once

template<size_t SUMS>
DEVICE void multiply(float (&sums)[SUMS], const u32x4& weights, u64 rows)
{
    threads[current].multiplications.open.push_back({sums, 2 * SUMS, &weights, rows, false});
}

template<size_t SUMS>
DEVICE void multiply_transposed(float (&sums)[SUMS], const u32x4& weights, u64 rows)
{
    threads[current].multiplications.open.push_back({sums, 2 * SUMS, &weights, rows, true});
}
