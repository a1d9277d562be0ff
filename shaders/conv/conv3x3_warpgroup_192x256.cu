// Convolutions by blocks of 192 pixels x 256 channels, one a processor.
#include "../warpgroup/convolution.cuh"

using ConvolutionBlock = Block<192, 2, 2, 4, 32>;

KERNEL(ConvolutionBlock::THREADS, 1) fp16(Convolution p) { make_convolution<ConvolutionBlock>(p); }
