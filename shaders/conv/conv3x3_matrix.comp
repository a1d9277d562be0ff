#version 460
// variants: fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// As conv3x3, by cooperative matrices: fp16 x fp16, added up in fp32, in tiles as matrix_tile has them. x fp16[B, H, W, C] or, with
// UPSAMPLE, [B, H/2, W/2, C]; weight fp16 in panels or fragments.
#extension GL_GOOGLE_include_directive : require
#include "conv3x3_product.glsl"
