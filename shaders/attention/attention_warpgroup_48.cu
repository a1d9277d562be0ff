// Heads of 48 channels, of which a generator of 32 tokens has some: 64 queries a block, five blocks a processor.
#include "../warpgroup/attention.cuh"

using AttentionBlock = Attend<48, 1, 48>;

KERNEL(AttentionBlock::THREADS, 5) fp16(Attention p) { AttentionBlock(p).answer(p); }
