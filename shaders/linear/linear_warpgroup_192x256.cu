// Large linear layers, by blocks of 192 x 256, one a processor: a fifth less to read for a multiplication than by 128 x 256. A thread has
// nearly all registers that it may have.
#include "../warpgroup/linear.cuh"

using LinearBlock = Block<192, 2, 2, 4, 32>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear<LinearBlock>(p); }
