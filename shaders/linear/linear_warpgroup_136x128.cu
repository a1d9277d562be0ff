// Linear layers of few rows, such as the 258 of a generator of 128 tokens, by blocks of 136 x 128.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<136, 2, 5, 8, 80>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock, true>(p); }
