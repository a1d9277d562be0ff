// Linear layers of the fewest rows, such as the 66 of a generator of 32 tokens, by blocks of 40 x 64.
#include "../warpgroup/linear_few_rows.cuh"

using LinearBlock = FewRowsBlock<40, 1, 4, 8, 4, 48, 3>;

KERNEL(LinearBlock::THREADS, 1) fp16(Linear p) { make_linear_of_few_rows<LinearBlock>(p); }
