// Heads of 64 channels: 128 queries a block, two blocks a processor.
#include "../warpgroup/attention.cuh"

using AttentionBlock = Attend<64, 2, 80>;

KERNEL(AttentionBlock::THREADS, 2) fp16(Attention p) { AttentionBlock(p).answer(p); }
