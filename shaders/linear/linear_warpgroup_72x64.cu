// Linear layers of few rows, such as the 66 of a generator of 32 tokens, by blocks of 72 x 64.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<72, 1, 10, 8, 80>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock, true>(p); }
