// Large linear layers, by blocks of 144 x 256, one a processor: fewer bytes a multiplication than 128 x 256, with the weights of one
// slab less on their way.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<144, 4, 5, 3, 32>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock>(p); }
