#version 460
// variants: fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// As conv3x3_matrix, by multiply-adds, in tiles as fma_tile has them: fp16 numbers, fp32 products and sums. For GPUs without matrix
// units. weight lies in panels.
#extension GL_GOOGLE_include_directive : require
#define MULTIPLY_ADDS
#include "conv3x3_product.glsl"
