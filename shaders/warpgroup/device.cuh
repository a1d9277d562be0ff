// What kernels ask of the device, in PTX's words: clang is given no headers of CUDA's.
#pragma once

// All of a kernel is one function: sums in registers can't be handed to another.
#define DEVICE __attribute__((device, always_inline)) inline
#define INLINED __attribute__((always_inline))

// A function to launch in blocks of so many threads, of which at least so many are resident on an SM at a time: the compiler shares an SM's
// 65536 registers out among their threads, 255 to each at the most.
#define KERNEL(threads, blocks) extern "C" __attribute__((global)) __attribute__((launch_bounds(threads, blocks))) void

typedef unsigned int u32;
typedef unsigned long long u64;
typedef u32 u32x4 __attribute__((ext_vector_type(4)));
typedef float f32x2 __attribute__((ext_vector_type(2)));
typedef float f32x4 __attribute__((ext_vector_type(4)));

constexpr float LOG2_E = 1.4426950408889634f;

// What a launch may have of shared memory: one from Vulkan that asks for more loses the device.
constexpr u32 SHARED_MEMORY = 48 << 10;

extern "C" __attribute__((shared)) alignas(1024) u32x4 shared_bytes[];

DEVICE u32 thread() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE u32 block_x() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE u32 block_y() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE u32 block_z() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE u32 blocks_x() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE u32 blocks_y() { return __nvvm_read_ptx_sreg_nctaid_y(); }

DEVICE void barrier() { asm volatile("bar.sync 0;" ::: "memory"); }
DEVICE void warp_barrier() { asm volatile("bar.warp.sync 0xffffffff;" ::: "memory"); }

// Where the shared memory that the launch asked for begins.
DEVICE u32 shared_memory()
{
    u64 generic = (u64)shared_bytes;
    u32 address;
    asm("{ .reg .u64 at; cvta.to.shared.u64 at, %1; cvt.u32.u64 %0, at; }" : "=r"(address) : "l"(generic));
    return address;
}

DEVICE void copy_async(u32 to, u64 from, u32 bytes)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}

// The same of what this processor reads again soon: by way of its own cache.
DEVICE void copy_async_near(u32 to, u64 from, u32 bytes)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}

// Ends a group of this thread's copies.
DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits for all but the latest groups.
template<u32 GROUPS>
DEVICE void wait_for_copies()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(GROUPS) : "memory");
}

// Before a group of multiplications: what has been written to their registers is there.
DEVICE void begin_multiplications() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

// Ends a group of the warpgroup's multiplications.
DEVICE void commit_multiplications() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

// Waits for all but the latest groups, whose registers and shared memory nobody may touch.
template<u32 GROUPS>
DEVICE void wait_for_multiplications()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(GROUPS) : "memory");
}

// Keeps the compiler from reading a sum before it has been waited for.
DEVICE void read_from_here_on(float& sum) { asm volatile("" : "+f"(sum)::"memory"); }

// 16 bytes, asked for where it stands: a load of what nobody writes, as .nc says, would be moved across barriers, to where it is needed. Of
// what the launch before may still be writing when this one begins (chain.cuh), .nc would be wrong.
DEVICE u32x4 load_here(u64 from)
{
    u32x4 v;
    asm volatile("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(from) : "memory");
    return v;
}

// Asks for some memory, 16 bytes or a multiple, to be brought near.
DEVICE void prefetch(u64 from, u32 bytes) { asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from), "r"(bytes) : "memory"); }

DEVICE u32 load_word(u64 from)
{
    u32 v;
    asm volatile("ld.global.u32 %0, [%1];" : "=r"(v) : "l"(from) : "memory");
    return v;
}

// A number that no launch writes, as of a bias.
DEVICE float load_float(u64 from)
{
    float v;
    asm volatile("ld.global.nc.f32 %0, [%1];" : "=f"(v) : "l"(from));
    return v;
}

DEVICE f32x2 load_pair(u64 from)
{
    f32x2 v;
    asm volatile("ld.global.v2.f32 {%0, %1}, [%2];" : "=f"(v.x), "=f"(v.y) : "l"(from) : "memory");
    return v;
}

DEVICE void store_bits(u64 to, u32x4 v)
{
    asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}

DEVICE void store_floats(u64 to, const float* v)
{
    asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(v[0]), "f"(v[1]), "f"(v[2]), "f"(v[3]) : "memory");
}

DEVICE void store_word(u64 to, u32 v) { asm volatile("st.global.u32 [%0], %1;" ::"l"(to), "r"(v) : "memory"); }

DEVICE void store_pair(u64 to, f32x2 v) { asm volatile("st.global.v2.f32 [%0], {%1, %2};" ::"l"(to), "f"(v.x), "f"(v.y) : "memory"); }

// What has been written, by this thread or before a barrier that it has passed, is seen by other blocks before what it writes from here
// on; what they have written so is seen from here on.
DEVICE void fence_blocks() { asm volatile("fence.acq_rel.gpu;" ::: "memory"); }

// Adds 1, and returns what was there.
DEVICE u32 count_at(u64 counter)
{
    u32 before;
    asm volatile("atom.relaxed.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(counter) : "memory");
    return before;
}

// Adds 1. What has been written before, by this thread or before a barrier that it has passed, is seen by who sees the count (load_count).
DEVICE void add_count(u64 counter) { asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(counter) : "memory"); }

// What those have written who have added themselves is seen from here on, by this thread, and others behind a barrier.
DEVICE u32 load_count(u64 counter)
{
    u32 count;
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(count) : "l"(counter) : "memory");
    return count;
}

// Loses the device.
DEVICE void give_up() { asm volatile("trap;" ::: "memory"); }

// What another block has written.
DEVICE f32x4 load_of_blocks(u64 from)
{
    f32x4 v;
    asm volatile("ld.relaxed.gpu.global.v4.f32 {%0, %1, %2, %3}, [%4];"
        : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w) : "l"(from) : "memory");
    return v;
}

// The same number of the lane whose index differs by these bits.
DEVICE float from_other_lane(float v, u32 mask)
{
    float other;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 31, 0xffffffff;" : "=f"(other) : "f"(v), "r"(mask));
    return other;
}

// The number of the first lane of so many, a power of two, side by side.
template<u32 LANES>
DEVICE float from_first_lane(float v)
{
    float first;
    asm volatile("shfl.sync.idx.b32 %0, %1, 0, %2, 0xffffffff;" : "=f"(first) : "f"(v), "n"((32 - LANES) << 8 | 31));
    return first;
}

DEVICE void store_shared_pair(u32 to, f32x2 v)
{
    asm volatile("st.shared.v2.f32 [%0], {%1, %2};" ::"r"(to), "f"(v.x), "f"(v.y) : "memory");
}

DEVICE f32x2 load_shared_pair(u32 from)
{
    f32x2 v;
    asm volatile("ld.shared.v2.f32 {%0, %1}, [%2];" : "=f"(v.x), "=f"(v.y) : "r"(from) : "memory");
    return v;
}

DEVICE u32 load_shared_word(u32 from)
{
    u32 v;
    asm volatile("ld.shared.u32 %0, [%1];" : "=r"(v) : "r"(from) : "memory");
    return v;
}

DEVICE void store_shared(u32 to, float v) { asm volatile("st.shared.f32 [%0], %1;" ::"r"(to), "f"(v) : "memory"); }

DEVICE void load_shared_eight(u32 from, float (&v)[8])
{
    asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(v[0]), "=f"(v[1]), "=f"(v[2]), "=f"(v[3]) : "r"(from) : "memory");
    asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(v[4]), "=f"(v[5]), "=f"(v[6]), "=f"(v[7]) : "r"(from + 16) : "memory");
}

DEVICE f32x4 load_shared_floats(u32 from)
{
    f32x4 v;
    asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w) : "r"(from) : "memory");
    return v;
}

DEVICE u32x4 load_shared_bits(u32 from)
{
    u32x4 v;
    asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(from) : "memory");
    return v;
}

// Four matrices of 8 x 8 numbers of 16 bits between a warp's registers and shared memory, transposed: of each a lane has, in one register,
// of row lane / 4, the columns 2 (lane % 4) and the next; its columns are where the lanes tell, eight after eight, 16 bytes each.
DEVICE void store_transposed(u32 to, u32x4 v)
{
    asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}

// The same as they are, row by row.
DEVICE void store_matrices(u32 to, u32x4 v)
{
    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}

DEVICE u32x4 load_transposed(u32 from)
{
    u32x4 v;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(from) : "memory");
    return v;
}

// The lower, or the upper, halves of the bits of two numbers; and the numbers again.
DEVICE u32 low_halves(float a, float b)
{
    u32 bits;
    asm("prmt.b32 %0, %1, %2, 0x5410;" : "=r"(bits) : "f"(a), "f"(b));
    return bits;
}

DEVICE u32 high_halves(float a, float b)
{
    u32 bits;
    asm("prmt.b32 %0, %1, %2, 0x7632;" : "=r"(bits) : "f"(a), "f"(b));
    return bits;
}

DEVICE void join_halves(u32 low, u32 high, float& a, float& b)
{
    asm("prmt.b32 %0, %1, %2, 0x5410;" : "=f"(a) : "r"(low), "r"(high));
    asm("prmt.b32 %0, %1, %2, 0x7632;" : "=f"(b) : "r"(low), "r"(high));
}

DEVICE u32 pack_halves(float low, float high)
{
    u32 bits;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}

DEVICE void unpack_halves(u32 bits, float& low, float& high)
{
    asm("{ .reg .b16 l, h; mov.b32 {l, h}, %2; cvt.f32.f16 %0, l; cvt.f32.f16 %1, h; }" : "=f"(low), "=f"(high) : "r"(bits));
}

// Off by some 2^-22 of it.
DEVICE float power_of_two(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// The same near 0, and off by more the larger |x|: GELU wants 1e-7 of 1.
DEVICE float exponential(float x) { return power_of_two(x * LOG2_E); }

DEVICE float reciprocal_root(float x)
{
    float y;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

DEVICE float reciprocal(float x)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

DEVICE float absolute(float x) { return __builtin_fabsf(x); }

DEVICE float greatest(float a, float b) { return __builtin_fmaxf(a, b); }
DEVICE u32 least(u32 a, u32 b) { return a < b ? a : b; }
