// Large linear layers, by blocks of 128 x 256, one a processor.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<128, 4, 1, 6, 32>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock>(p); }
