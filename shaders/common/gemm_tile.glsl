// A 64 x 64 tile of a matrix product by 128 invocations. The includer declares TILE = 64, SLAB = 16, the panels as
// `weight`, and load_x(row, k), which gives zero outside the matrix. Loops over the sums are to be unrolled by whoever compiles
// this: a driver may move an array that a counter indexes to memory before it unrolls by itself.
float load_x(uint row, uint k);
#ifdef INT8
#include "int8_panels.glsl"
#endif

shared float slab_x[SLAB * TILE];
shared float slab_w[SLAB * TILE];
float accumulators[8][4];

// The rows and columns of the tile that this invocation owns.
uint tile_row(uint i)
{
    return gl_LocalInvocationID.x / 16 * 8 + i;
}

uint tile_column(uint j)
{
    return gl_LocalInvocationID.x % 16 * 4 + j;
}

// The panels begin at an element of the weight.
void multiply_tile(uint first_row, uint first_column, uint inner_size, uint column_count, uint panels_at)
{
    [[unroll]] for (uint i = 0; i < 8; i++)
        [[unroll]] for (uint j = 0; j < 4; j++)
            accumulators[i][j] = 0.0;

    uint panels = (column_count + 15) / 16;
    for (uint k0 = 0; k0 < inner_size; k0 += SLAB)
    {
        for (uint e = gl_LocalInvocationID.x; e < SLAB * TILE; e += 128)
        {
            slab_x[e % SLAB * TILE + e / SLAB] = load_x(first_row + e / SLAB, k0 + e % SLAB);
            uint k = k0 + e / TILE;
            uint column = first_column + e % TILE;
            bool inside = k < inner_size && column / 16 < panels;
#ifdef INT8
            slab_w[e] = inside ? int8_element(weight[int8_word(inner_size, k, column)], k, column) : 0.0;
#else
            slab_w[e] = inside ? float(weight[panels_at + (column / 16 * inner_size + k) * 16 + column % 16]) : 0.0;
#endif
        }
        barrier();
        for (uint k = 0; k < SLAB; k++)
        {
            float wk[4];
            [[unroll]] for (uint j = 0; j < 4; j++)
                wk[j] = slab_w[k * TILE + tile_column(j)];
            [[unroll]] for (uint i = 0; i < 8; i++)
            {
                float xk = slab_x[k * TILE + tile_row(i)];
                [[unroll]] for (uint j = 0; j < 4; j++)
                    accumulators[i][j] += xk * wk[j];
            }
        }
        barrier();
    }
}
