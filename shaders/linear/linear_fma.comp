#version 460
// variants: fp16 fp16_f32 fp16_int8 fp16_f32_int8
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// As linear_matrix, with all that it does on the way, by multiply-adds: fp16 numbers, fp32 products and sums. For GPUs without
// matrix units. w lies in panels. Who owns what is told in fma_tile.
#extension GL_GOOGLE_include_directive : require
#define MULTIPLY_ADDS
#include "linear_product.glsl"
