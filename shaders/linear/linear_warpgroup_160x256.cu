// Large linear layers, by blocks of 160 x 256, one a processor: as many as there are registers for, with the weights of one slab on
// their way.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<160, 4, 4, 2, 32>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock>(p); }
