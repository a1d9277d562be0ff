// wgmma: sums[64 columns, rows] += weights[64, 16] * x[16, rows], by a warpgroup together, for as many rows as there are sums for: two a
// sum. The rows are in shared memory, by a descriptor. The weights are in registers, 16 columns a warp: of a fragment of 16 x 16 a lane
// has, of columns lane / 4 and lane / 4 + 8 in turn, k and k + 1, then k + 8 and k + 9, with k twice lane % 4. NVIDIA's driver holds the
// second factor of 16 x 16 x 16 so, but for having both k of a column before the next column; so weight_fragments exchanges the
// middle two. Sums come in pairs of neighbouring rows, of column lane / 4 and then of lane / 4 + 8, eight rows after eight.
#pragma once

#define SUM_4(i) "+f"(sums[i]), "+f"(sums[i + 1]), "+f"(sums[i + 2]), "+f"(sums[i + 3])
#define SUM_16(i) SUM_4(i), SUM_4(i + 4), SUM_4(i + 8), SUM_4(i + 12)

DEVICE void multiply(float (&sums)[20], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n40k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19}, "
        "{%20, %21, %22, %23}, %24, 1, 1, 1, 0;"
        : SUM_16(0), SUM_4(16)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply(float (&sums)[24], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n48k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23}, "
        "{%24, %25, %26, %27}, %28, 1, 1, 1, 0;"
        : SUM_16(0), SUM_4(16), SUM_4(20)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply(float (&sums)[36], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n72k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35}, "
        "{%36, %37, %38, %39}, %40, 1, 1, 1, 0;"
        : SUM_16(0), SUM_16(16), SUM_4(32)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply(float (&sums)[40], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n80k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39}, "
        "{%40, %41, %42, %43}, %44, 1, 1, 1, 0;"
        : SUM_16(0), SUM_16(16), SUM_4(32), SUM_4(36)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply(float (&sums)[64], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
        "{%64, %65, %66, %67}, %68, 1, 1, 1, 0;"
        : SUM_16(0), SUM_16(16), SUM_16(32), SUM_16(48)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply(float (&sums)[68], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n136k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
        "%64, %65, %66, %67}, "
        "{%68, %69, %70, %71}, %72, 1, 1, 1, 0;"
        : SUM_16(0), SUM_16(16), SUM_16(32), SUM_16(48), SUM_4(64)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply(float (&sums)[96], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n192k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
        "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
        "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95}, "
        "{%96, %97, %98, %99}, %100, 1, 1, 1, 0;"
        : SUM_16(0), SUM_16(16), SUM_16(32), SUM_16(48), SUM_16(64), SUM_16(80)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

// The same of a second factor whose rows run along what is added up: 16 of them, a number of columns each.
DEVICE void multiply_transposed(float (&sums)[24], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n48k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23}, "
        "{%24, %25, %26, %27}, %28, 1, 1, 1, 1;"
        : SUM_16(0), SUM_4(16), SUM_4(20)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

DEVICE void multiply_transposed(float (&sums)[32], u32x4 weights, u64 rows)
{
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
        "{%32, %33, %34, %35}, %36, 1, 1, 1, 1;"
        : SUM_16(0), SUM_16(16)
        : "r"(weights.x), "r"(weights.y), "r"(weights.z), "r"(weights.w), "l"(rows));
}

#undef SUM_4
#undef SUM_16
