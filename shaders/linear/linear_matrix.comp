#version 460
// variants: fp16 fp16_f32 fp16_int8 fp16_f32_int8
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// As linear, by cooperative matrices: fp16 x fp16, added up in fp32. x fp16[R, K], w fp16 in panels [N/16, K, 16] or fragments, bias
// fp32[N], residual fp16[R, N], y Y[R, N]. Who owns what is told in matrix_tile. K is a multiple of 8.
#extension GL_GOOGLE_include_directive : require
#include "linear_product.glsl"
