// Convolutions by blocks of 128 pixels x 128 channels, two a processor.
#include "../warpgroup/convolution.cuh"

using ConvolutionBlock = Block<128, 2, 1, 6, 64>;

KERNEL(ConvolutionBlock::THREADS, 2) fp16(Convolution p) { make_convolution<ConvolutionBlock>(p); }
