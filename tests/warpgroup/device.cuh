// The device of shaders/warpgroup/device.cuh, emulated by a CPU. Threads are coroutines, of which the first, or the last, runs
// ahead of the others as far as barriers let it. What the GPU may do at any time between being told and being waited for, copies
// and multiplications, is done either as early or as late as it may be. So whatever depends on either shows.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <unordered_map>
#include <vector>

#define DEVICE inline
#define INLINED
#define KERNEL(threads, blocks) void

using u32 = uint32_t;
using u64 = uint64_t;
using half = _Float16;

template<typename T, int N>
struct Vector
{
    T v[N];
    T& operator[](u32 i) { return v[i]; }
    const T& operator[](u32 i) const { return v[i]; }
};

struct u32x4 : Vector<u32, 4> {};
struct f32x4 : Vector<float, 4> {};
struct f32x2
{
    float x, y;
};

constexpr u32 NOBODY = ~0u, ANYBODY = NOBODY - 1, SHARED_BASE = 1024, SHARED_MEMORY = 48 << 10, MAX_THREADS = 1024;

// Whether copies land, and multiplications read and write, no sooner than somebody waits for them; or else copies as soon as they are
// committed, and multiplications at the first wait after.
inline bool copies_are_late, multiplications_are_late;

// Whether the last thread runs ahead, rather than the first.
inline bool last_runs_ahead;

struct Copy
{
    u32 to;
    u64 from;
    u32 bytes;
};

struct Multiplication
{
    float* sums;
    u32 row_count;
    const u32x4* weights;
    u64 rows;
    bool is_transposed;
};

template<typename T>
struct Groups
{
    std::vector<T> open;
    std::vector<std::vector<T>> committed;

    void commit()
    {
        committed.push_back(open);
        open.clear();
    }
};

struct Thread
{
    ucontext_t context;
    std::vector<char> stack = std::vector<char>(1 << 16);
    bool is_done = false;
    // What it waits at: nothing, the block's barrier, its warpgroup's, or its warp's.
    u32 barrier = 0;
    // What it shows to the other lanes of its warp.
    float shown = 0;
    u32x4 shown_bits = {};
    Groups<Copy> copies;
    Groups<Multiplication> multiplications;
    // Since the block's last barrier.
    bool has_stored = false;
};

inline std::vector<Thread> threads;
alignas(1024) inline char shared[SHARED_MEMORY];
inline ucontext_t scheduler;
inline u32 current, block_index[3], block_count[3];

// Who stored floats where, of what has not been fenced since: by who stored it, or by anyone of the block once all have passed a barrier.
inline std::unordered_map<u64, u32> unfenced;

// Of a launch in a chain: whether a block has to wait for the launch before, and has; and whether it has counted itself, before all that it
// has stored.
inline bool must_wait, has_waited, is_counted, is_counted_early;

// What becomes of a failure, if not the end of the process. It does not return.
inline void (*on_failure)(const char* text);

[[noreturn]] inline void fail(const char* what)
{
    char text[256];
    std::snprintf(text, sizeof text, "thread %u of block %u %u %u: %s", current, block_index[0], block_index[1], block_index[2], what);
    if (on_failure != nullptr)
        on_failure(text);
    std::printf("%s\n", text);
    std::exit(1);
}

// What the launch asked for.
inline u32 shared_size = SHARED_MEMORY;

inline char* shared_at(u32 address, u32 bytes)
{
    if (address < SHARED_BASE || address + bytes > SHARED_BASE + shared_size || address % bytes != 0)
        fail("shared memory is passed, or not in whole pieces");
    return shared + (address - SHARED_BASE);
}

// What of memory a grid has been given.
struct Range
{
    u64 begin, end;
    bool may_be_written;
    // Whether the launch before may still be at it.
    bool is_awaited = false;
};

inline std::vector<Range> ranges;

template<typename T>
inline void give(const std::vector<T>& values, bool may_be_written, bool is_awaited = true)
{
    ranges.push_back({(u64)values.data(), (u64)(values.data() + values.size()), may_be_written, is_awaited});
}

inline char* global_at(u64 address, u32 bytes, bool is_write = false)
{
    // Of what is accessed, the next is mostly of the same.
    static size_t last;
    bool is_only_read = false;
    if (address % bytes != 0)
        fail("memory is not accessed in whole pieces");
    for (size_t i = 0; i < ranges.size(); i++)
    {
        size_t index = (last + i) % ranges.size();
        const Range& range = ranges[index];
        if (address < range.begin || address + bytes > range.end)
            continue;
        // There may be another that is there to be written.
        if (is_write && !range.may_be_written)
        {
            is_only_read = true;
            continue;
        }
        last = index;
        if (range.is_awaited && must_wait && !has_waited)
            fail("memory is accessed before what comes before has been waited for");
        return (char*)address;
    }
    fail(is_only_read ? "what is only to be read is written" : is_write ? "memory is passed by a write" : "memory is passed by a read");
}

constexpr u32 BLOCK_BARRIER = 1, WARPGROUP_BARRIER = 2, WARP_BARRIER = WARPGROUP_BARRIER + MAX_THREADS / 128;

inline void wait_at(u32 barrier)
{
    threads[current].barrier = barrier;
    swapcontext(&threads[current].context, &scheduler);
}

DEVICE u32 thread() { return current; }
DEVICE u32 block_x() { return block_index[0]; }
DEVICE u32 block_y() { return block_index[1]; }
DEVICE u32 block_z() { return block_index[2]; }
DEVICE u32 blocks_x() { return block_count[0]; }
DEVICE u32 blocks_y() { return block_count[1]; }
DEVICE void barrier() { wait_at(BLOCK_BARRIER); }
inline void warpgroup_barrier() { wait_at(WARPGROUP_BARRIER + current / 128); }
DEVICE void warp_barrier() { wait_at(WARP_BARRIER + current / 32); }
DEVICE u32 shared_memory() { return SHARED_BASE; }

inline void land(const std::vector<Copy>& group)
{
    for (const Copy& copy : group)
    {
        char* to = shared_at(copy.to, 16);
        std::memset(to, 0, 16);
        if (copy.bytes != 0)
            std::memcpy(to, global_at(copy.from, 16), copy.bytes);
    }
}

DEVICE void copy_async(u32 to, u64 from, u32 bytes) { threads[current].copies.open.push_back({to, from, bytes}); }

DEVICE void copy_async_near(u32 to, u64 from, u32 bytes) { copy_async(to, from, bytes); }

DEVICE void commit_copies()
{
    Groups<Copy>& copies = threads[current].copies;
    copies.commit();
    if (!copies_are_late)
        land(copies.committed.back());
}

template<u32 GROUPS>
DEVICE void wait_for_copies()
{
    std::vector<std::vector<Copy>>& committed = threads[current].copies.committed;
    for (; committed.size() > GROUPS; committed.erase(committed.begin()))
    {
        if (copies_are_late)
            land(committed.front());
    }
}

// As the PTX manual has wgmma's operands: a thread's sums by row and column, its weights by column and k, and rows behind a descriptor
// of a swizzle.
inline float weight_of(const std::vector<const u32x4*>& lanes, u32 column, u32 k)
{
    const u32x4& piece = *lanes[column % 8 * 4 + k % 8 / 2];
    // Both k of the lower eight, of the lower and of the upper columns, then those of the upper eight.
    u32 word = piece[k / 8 * 2 + column / 8];
    half values[2];
    std::memcpy(values, &word, 4);
    return (float)values[k % 2];
}

inline float row_of(u64 descriptor, u32 row, u32 k, bool is_transposed)
{
    // 1 is a swizzle of 128 bytes, 2 of 64.
    u32 start = (descriptor & 0x3fff) << 4, eight_rows = (descriptor >> 32 & 0x3fff) << 4, swizzle = (u32)(descriptor >> 62);
    if (swizzle != 1 && swizzle != 2)
        fail("the descriptor is not of a swizzle of 64 or 128 bytes");
    u32 width = swizzle == 1 ? 128 : 64, along = is_transposed ? k : row, across = is_transposed ? row : k;
    if (across * 2 >= width)
        fail("a row is wider than its swizzle");
    u32 address = start + along / 8 * eight_rows + along % 8 * width + across * 2;
    half value;
    std::memcpy(&value, shared_at(address ^ (address >> 7 & (swizzle == 1 ? 7 : 3)) << 4, 2), 2);
    return (float)value;
}

// What one group of a warpgroup's multiplications does, for all of its threads.
inline void multiply_group(u32 first_thread)
{
    for (size_t i = 0; i < threads[first_thread].multiplications.committed.front().size(); i++)
    {
        static float rows[256][16];
        u64 descriptor = threads[first_thread].multiplications.committed.front()[i].rows;
        u32 row_count = threads[first_thread].multiplications.committed.front()[i].row_count;
        bool is_transposed = threads[first_thread].multiplications.committed.front()[i].is_transposed;
        for (u32 row = 0; row < row_count; row++)
        {
            for (u32 k = 0; k < 16; k++)
                rows[row][k] = row_of(descriptor, row, k, is_transposed);
        }
        for (u32 warp = 0; warp < 4; warp++)
        {
            std::vector<const u32x4*> lanes;
            for (u32 lane = 0; lane < 32; lane++)
                lanes.push_back(threads[first_thread + warp * 32 + lane].multiplications.committed.front()[i].weights);
            for (u32 column = 0; column < 16; column++)
            {
                float weights[16];
                for (u32 k = 0; k < 16; k++)
                    weights[k] = weight_of(lanes, column, k);
                for (u32 row = 0; row < row_count; row++)
                {
                    float sum = 0;
                    for (u32 k = 0; k < 16; k++)
                        sum += weights[k] * rows[row][k];
                    const Multiplication& of_thread = threads[first_thread + warp * 32 + column % 8 * 4 + row % 8 / 2].multiplications.committed.front()[i];
                    of_thread.sums[row / 8 * 4 + column / 8 * 2 + row % 2] += sum;
                }
            }
        }
    }
    for (u32 i = 0; i < 128; i++)
    {
        auto& committed = threads[first_thread + i].multiplications.committed;
        committed.erase(committed.begin());
    }
}

DEVICE void begin_multiplications() {}

DEVICE void commit_multiplications() { threads[current].multiplications.commit(); }

template<u32 GROUPS>
DEVICE void wait_for_multiplications()
{
    // All of a warpgroup have committed what the first one of them then does, for as many groups as must be done, or may be.
    warpgroup_barrier();
    u32 first = current / 128 * 128;
    if (current == first)
    {
        while (threads[first].multiplications.committed.size() > (multiplications_are_late ? GROUPS : 0))
            multiply_group(first);
    }
    warpgroup_barrier();
}

DEVICE void read_from_here_on(float&) {}

template<typename T>
inline T load(u64 from)
{
    T value;
    std::memcpy(&value, global_at(from, sizeof(T)), sizeof(T));
    return value;
}

DEVICE u32x4 load_here(u64 from) { return load<u32x4>(from); }
DEVICE u32 load_word(u64 from) { return load<u32>(from); }
DEVICE float load_float(u64 from) { return load<float>(from); }
DEVICE f32x2 load_pair(u64 from) { return load<f32x2>(from); }
// Blocks run one after the other, so what others have written is there; but where who wrote it has not fenced it since, it counts as
// anything.
DEVICE f32x4 load_of_blocks(u64 from) { return unfenced.contains(from) ? f32x4{{NAN, NAN, NAN, NAN}} : load<f32x4>(from); }

DEVICE void prefetch(u64 from, u32 bytes)
{
    if (from % 16 != 0 || bytes % 16 != 0 || bytes == 0)
        fail("what is prefetched is not in whole pieces");
    global_at(from, 16);
    global_at(from + bytes - 16, 16);
}

DEVICE void fence_blocks() { std::erase_if(unfenced, [](const auto& store) { return store.second == current || store.second == ANYBODY; }); }

// What has not been fenced by then, who sees the count may not rely on.
DEVICE u32 count_at(u64 counter)
{
    for (auto& store : unfenced)
        store.second = NOBODY;
    return (*(u32*)global_at(counter, 4, true))++;
}

// Others have stored what they have before a barrier.
DEVICE void add_count(u64 counter)
{
    for (u32 i = 0; i < threads.size(); i++)
        is_counted_early |= i != current && threads[i].has_stored;
    (*(u32*)global_at(counter, 4, true))++;
    is_counted = true;
}

DEVICE u32 load_count(u64 counter)
{
    has_waited = true;
    return load<u32>(counter);
}

DEVICE void give_up() { fail("what is waited for never comes"); }

DEVICE float from_other_lane(float v, u32 mask)
{
    threads[current].shown = v;
    warp_barrier();
    float other = threads[current ^ mask].shown;
    warp_barrier();
    return other;
}

template<u32 LANES>
DEVICE float from_first_lane(float v)
{
    threads[current].shown = v;
    warp_barrier();
    float first = threads[current / LANES * LANES].shown;
    warp_barrier();
    return first;
}

DEVICE void store_word(u64 to, u32 v) { std::memcpy(global_at(to, 4, true), &v, 4); }

inline void store(u64 to, const void* v, u32 bytes)
{
    std::memcpy(global_at(to, bytes, true), v, bytes);
    threads[current].has_stored = true;
    is_counted_early |= is_counted;
}

DEVICE void store_pair(u64 to, f32x2 v) { store(to, &v, 8); }
DEVICE void store_bits(u64 to, u32x4 v) { store(to, &v, 16); }

DEVICE void store_floats(u64 to, const float* v)
{
    store(to, v, 16);
    unfenced[to] = current;
}

DEVICE void store_shared(u32 to, float v) { std::memcpy(shared_at(to, 4), &v, 4); }

DEVICE void store_shared_pair(u32 to, f32x2 v) { std::memcpy(shared_at(to, 8), &v, 8); }

template<typename T>
inline T load_shared(u32 from)
{
    T value;
    std::memcpy(&value, shared_at(from, sizeof(T)), sizeof(T));
    return value;
}

DEVICE u32 load_shared_word(u32 from) { return load_shared<u32>(from); }
DEVICE f32x2 load_shared_pair(u32 from) { return load_shared<f32x2>(from); }
DEVICE f32x4 load_shared_floats(u32 from) { return load_shared<f32x4>(from); }
DEVICE u32x4 load_shared_bits(u32 from) { return load_shared<u32x4>(from); }

DEVICE void load_shared_eight(u32 from, float (&v)[8])
{
    std::memcpy(v, shared_at(from, 16), 16);
    std::memcpy(v + 4, shared_at(from + 16, 16), 16);
}

// As the PTX manual has stmatrix and ldmatrix: lane t tells where row t % 8 of matrix t / 8 lies, and has of each matrix, as it lies in
// registers, two numbers of row t / 4; with .trans the other way round.
DEVICE void store_transposed(u32 to, u32x4 v)
{
    threads[current].shown_bits = v;
    warp_barrier();
    u32 lane = current % 32, first = current - lane, words[4];
    for (u32 i = 0; i < 8; i++)
        ((uint16_t*)words)[i] = (uint16_t)(threads[first + i * 4 + lane % 8 / 2].shown_bits[lane / 8] >> lane % 2 * 16);
    std::memcpy(shared_at(to, 16), words, 16);
    warp_barrier();
}

DEVICE void store_matrices(u32 to, u32x4 v)
{
    threads[current].shown_bits = v;
    warp_barrier();
    u32 lane = current % 32, words[4];
    for (u32 i = 0; i < 4; i++)
        words[i] = threads[current - lane + lane % 8 * 4 + i].shown_bits[lane / 8];
    std::memcpy(shared_at(to, 16), words, 16);
    warp_barrier();
}

DEVICE u32x4 load_transposed(u32 from)
{
    threads[current].shown_bits = load_shared_bits(from);
    warp_barrier();
    u32 lane = current % 32, first = current - lane;
    u32x4 v;
    for (u32 matrix = 0; matrix < 4; matrix++)
    {
        uint16_t pair[2];
        for (u32 i = 0; i < 2; i++)
            pair[i] = (uint16_t)(threads[first + matrix * 8 + lane % 4 * 2 + i].shown_bits[lane / 8] >> lane / 4 % 2 * 16);
        std::memcpy(&v[matrix], pair, 4);
    }
    warp_barrier();
    return v;
}

DEVICE u32 low_halves(float a, float b)
{
    u32 bits[2];
    std::memcpy(bits, &a, 4);
    std::memcpy(bits + 1, &b, 4);
    return (bits[0] & 0xffff) | bits[1] << 16;
}

DEVICE u32 high_halves(float a, float b)
{
    u32 bits[2];
    std::memcpy(bits, &a, 4);
    std::memcpy(bits + 1, &b, 4);
    return bits[0] >> 16 | (bits[1] & 0xffff0000);
}

DEVICE void join_halves(u32 low, u32 high, float& a, float& b)
{
    u32 bits[2] = {(low & 0xffff) | high << 16, low >> 16 | (high & 0xffff0000)};
    std::memcpy(&a, bits, 4);
    std::memcpy(&b, bits + 1, 4);
}

DEVICE u32 pack_halves(float low, float high)
{
    half values[2] = {(half)low, (half)high};
    u32 bits;
    std::memcpy(&bits, values, 4);
    return bits;
}

DEVICE void unpack_halves(u32 bits, float& low, float& high)
{
    half values[2];
    std::memcpy(values, &bits, 4);
    low = (float)values[0];
    high = (float)values[1];
}

DEVICE float power_of_two(float x) { return std::exp2(x); }
constexpr float LOG2_E = 1.4426950408889634f;

DEVICE float exponential(float x) { return std::exp(x); }
DEVICE float reciprocal_root(float x) { return 1 / std::sqrt(x); }
DEVICE float reciprocal(float x) { return 1 / x; }
DEVICE float absolute(float x) { return std::fabs(x); }
DEVICE float greatest(float a, float b) { return std::fmax(a, b); }
DEVICE u32 least(u32 a, u32 b) { return a < b ? a : b; }

inline u32 turn(u32 i) { return last_runs_ahead ? (u32)threads.size() - 1 - i : i; }

inline bool may_run(u32 i) { return !threads[i].is_done && threads[i].barrier == 0; }

// Lets those go on who wait at a barrier that all have come to.
inline void release(u32 barrier)
{
    u32 size = barrier == BLOCK_BARRIER ? (u32)threads.size() : barrier < WARP_BARRIER ? 128 : 32;
    u32 first = barrier == BLOCK_BARRIER ? 0 : barrier < WARP_BARRIER ? (barrier - WARPGROUP_BARRIER) * size : (barrier - WARP_BARRIER) * size, end = first + size;
    for (u32 i = first; i < end; i++)
    {
        if (threads[i].barrier != barrier)
            return;
    }
    for (u32 i = first; i < end; i++)
    {
        threads[i].barrier = 0;
        threads[i].has_stored &= barrier != BLOCK_BARRIER;
    }
    for (auto& store : unfenced)
    {
        if (barrier == BLOCK_BARRIER && store.second != NOBODY)
            store.second = ANYBODY;
    }
}

// Runs a grid, block after block, or the other way round.
template<typename Kernel>
inline void run_grid(u32 columns, u32 rows, u32 parts, u32 thread_count, const Kernel& kernel)
{
    static const Kernel* running;
    running = &kernel;
    block_count[0] = columns;
    block_count[1] = rows;
    block_count[2] = parts;
    unfenced.clear();
    // Static, as compilers warn that switching coroutines may clobber it.
    static u32 block;
    for (block = 0; block < columns * rows * parts; block++)
    {
        u32 index = last_runs_ahead ? columns * rows * parts - 1 - block : block;
        block_index[0] = index % columns;
        block_index[1] = index / columns % rows;
        block_index[2] = index / (columns * rows);
        std::memset(shared, 0xff, sizeof shared);
        has_waited = is_counted = is_counted_early = false;
        threads = std::vector<Thread>(thread_count);
        for (Thread& t : threads)
        {
            getcontext(&t.context);
            t.context.uc_stack.ss_sp = t.stack.data();
            t.context.uc_stack.ss_size = t.stack.size();
            t.context.uc_link = &scheduler;
            makecontext(&t.context, [] { (*running)(); threads[current].is_done = true; }, 0);
        }
        for (u32 done = 0; done < thread_count;)
        {
            u32 i = 0;
            while (i < thread_count && !may_run(turn(i)))
                i++;
            if (i == thread_count)
                fail("threads wait for each other for ever");
            current = turn(i);
            swapcontext(&scheduler, &threads[current].context);
            done += threads[current].is_done;
            if (!threads[current].is_done)
                release(threads[current].barrier);
        }
        if (is_counted_early)
            fail("the block has counted itself before what it writes is there");
    }
}
