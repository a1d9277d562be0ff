// Linear layers of few rows, such as the 258 of a generator of 128 tokens, by blocks of 72 x 64.
#include "../warpgroup/linear_few_rows.cuh"

using LinearBlock = FewRowsBlock<72, 1, 4, 5, 4, 80, 5>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear_of_few_rows<LinearBlock>(p); }
