// Linear layers of few rows, such as the 289 of a tokenizer of 32 tokens, by blocks of 136 x 128.
#include "../warpgroup/linear_few_rows.cuh"

using LinearBlock = FewRowsBlock<136, 2, 2, 5, 4, 48, 3>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear_of_few_rows<LinearBlock>(p); }
