// Convolutions by blocks of 128 pixels x 256 channels, one a processor.
#include "../warpgroup/convolution.cuh"

using ConvolutionBlock = Block<128, 4, 1, 6, 32>;

KERNEL(ConvolutionBlock::THREADS, 1) fp16(Convolution p) { make_convolution<ConvolutionBlock>(p); }
