// What the kernels of a convolution by Winograd's F(4, 3) share. Along a row, four pixels of the output come from six of
// the input by six products instead of twelve; along the columns the three taps are added up as ever. The six points are
// 0, 1, -1, 2, -2 and infinity. A tile is four pixels of a row; tiles of an image lie one column of tiles after the other:
// tile t of row h is number t * height + h.
#include "lane_loads.glsl"

const uint POINTS = 6;
const uint TILE_WIDTH = 4;

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Eight { vec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer Lanes { float at[]; };

// The lane's of eight neighbouring floats.
float load_eight(uint64_t at)
{
    vec4 a = Eight(at).at[0], b = Eight(at).at[1];
    return PICK(a, b);
}

void store_eight(uint64_t at, float value)
{
    Lanes(at).at[lane] = value;
}
