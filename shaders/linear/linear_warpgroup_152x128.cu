// Linear layers of few rows, such as the 289 of a tokenizer of 32 tokens, by blocks of 152 x 128.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<152, 2, 5, 8, 80>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock, true>(p); }
