// wgmma: sums[64 columns, rows] += weights[64, 16] * x[16, rows], by a warpgroup together, for as many rows as there are sums for: two a
// sum. The rows are in shared memory, by a descriptor. The weights are in registers, 16 columns a warp: of a fragment of 16 x 16 a lane
// has, of columns lane / 4 and lane / 4 + 8 in turn, k and k + 1, then k + 8 and k + 9, with k twice lane % 4. NVIDIA's driver holds the
// second factor of 16 x 16 x 16 so, but for having both k of a column before the next column; so weight_fragments exchanges the
// middle two. Sums come in pairs of neighbouring rows, of column lane / 4 and then of lane / 4 + 8, eight rows after eight.
#pragma once

// The first sums, by their numbers among the operands, and as operands.
#define FIRST_16 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"
#define FIRST_32 FIRST_16 ", %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define FIRST_48 FIRST_32 ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
#define FIRST_64 FIRST_48 ", %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define FIRST_80 FIRST_64 ", %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79"
#define FIRST_96 FIRST_80 ", %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
#define SUM_4(i) "+f"(sums[i]), "+f"(sums[i + 1]), "+f"(sums[i + 2]), "+f"(sums[i + 3])
#define SUM_16(i) SUM_4(i), SUM_4(i + 4), SUM_4(i + 8), SUM_4(i + 12)

#define MULTIPLY(name, count, rows_as_text, registers, transposed, ...) \
    DEVICE void name(float (&sums)[count], u32x4 weights, u64 rows) \
    { \
        asm volatile("wgmma.mma_async.sync.aligned.m64n" rows_as_text "k16.f32.f16.f16 {" registers "}, {%[x], %[y], %[z], %[w]}, %[rows], 1, 1, 1, " transposed ";" \
            : __VA_ARGS__ \
            : [x] "r"(weights.x), [y] "r"(weights.y), [z] "r"(weights.z), [w] "r"(weights.w), [rows] "l"(rows)); \
    }

MULTIPLY(multiply, 20, "40", FIRST_16 ", %16, %17, %18, %19", "0", SUM_16(0), SUM_4(16))
MULTIPLY(multiply, 24, "48", FIRST_16 ", %16, %17, %18, %19, %20, %21, %22, %23", "0", SUM_16(0), SUM_4(16), SUM_4(20))
MULTIPLY(multiply, 36, "72", FIRST_32 ", %32, %33, %34, %35", "0", SUM_16(0), SUM_16(16), SUM_4(32))
MULTIPLY(multiply, 40, "80", FIRST_32 ", %32, %33, %34, %35, %36, %37, %38, %39", "0", SUM_16(0), SUM_16(16), SUM_4(32), SUM_4(36))
MULTIPLY(multiply, 64, "128", FIRST_64, "0", SUM_16(0), SUM_16(16), SUM_16(32), SUM_16(48))
MULTIPLY(multiply, 68, "136", FIRST_64 ", %64, %65, %66, %67", "0", SUM_16(0), SUM_16(16), SUM_16(32), SUM_16(48), SUM_4(64))
MULTIPLY(multiply, 96, "192", FIRST_96, "0", SUM_16(0), SUM_16(16), SUM_16(32), SUM_16(48), SUM_16(64), SUM_16(80))

// The same of a second factor whose rows run along what is added up: 16 of them, a number of columns each.
MULTIPLY(multiply_transposed, 24, "48", FIRST_16 ", %16, %17, %18, %19, %20, %21, %22, %23", "1", SUM_16(0), SUM_4(16), SUM_4(20))
MULTIPLY(multiply_transposed, 32, "64", FIRST_32, "1", SUM_16(0), SUM_16(16))

#undef MULTIPLY
#undef SUM_16
#undef SUM_4
#undef FIRST_96
#undef FIRST_80
#undef FIRST_64
#undef FIRST_48
#undef FIRST_32
#undef FIRST_16
