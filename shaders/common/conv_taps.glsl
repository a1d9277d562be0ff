// How the pixels of a 3x3 convolution's output meet its taps. Doubling a picture and convolving it is four convolutions
// of 2x2 taps, one for each phase of the output's rows and columns: taps that would meet the same pixel of the undoubled
// picture have their weights added up (pack_phases). So rows of the product are pixels of the picture before doubling,
// once for every phase. The includer declares UPSAMPLE and the output's batch, height, width.
const uint SCALE = UPSAMPLE != 0 ? 2 : 1;
const uint TAPS = UPSAMPLE != 0 ? 2 : 3;
const uint PHASES = SCALE * SCALE;

// Pixels of the picture before doubling: x is [B, source_height(), source_width(), C].
uint source_height()
{
    return height / SCALE;
}

uint source_width()
{
    return width / SCALE;
}

uint source_pixels()
{
    return batch * source_height() * source_width();
}

// Where the tap of a pixel lies, relative to it: (row, column).
ivec2 tap_offset(uint tap, uint phase)
{
    return ivec2(tap / TAPS, tap % TAPS) + ivec2(phase / SCALE, phase % SCALE) - 1;
}

// Whether a pixel (row, column) is one of the picture's.
bool is_inside(ivec2 at)
{
    return at.x >= 0 && at.x < int(source_height()) && at.y >= 0 && at.y < int(source_width());
}

// Index of a picture's pixel (row, column), which may be outside: then it means nothing.
uint source_pixel(uint image, ivec2 at)
{
    return (image * source_height() + uint(at.x)) * source_width() + uint(at.y);
}

// The output's pixel that a pixel and a phase make.
uint output_pixel(uint pixel, uint phase)
{
    uint column = pixel % source_width(), row = pixel / source_width();
    return UPSAMPLE != 0 ? (row * 2 + phase / 2) * width + column * 2 + phase % 2 : pixel;
}
