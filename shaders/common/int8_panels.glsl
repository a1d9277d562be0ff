// Panels of whole numbers q in -127..127 with a scale for each output feature, w[n, k] = q[n, k] * scale[n], as pack_int8
// makes them: [N/16, K/2, 8, 2, 2], where a 32-bit word holds two neighbouring columns of two neighbouring k, the first k's
// in its low half. Behind them fp32 scale[N], N counted to a multiple of 16. K is even. Products are of q, which fp16 and
// fp32 hold exactly; the scale multiplies their sum.

// A word's four: the two columns of its first k, then those of its second.
vec4 int8_four(uint word)
{
    int bytes = int(word);
    return vec4(bitfieldExtract(bytes, 0, 8), bitfieldExtract(bytes, 8, 8), bitfieldExtract(bytes, 16, 8), bitfieldExtract(bytes, 24, 8));
}

// The word that has an element, and the element of it.
uint int8_word(uint inner_size, uint k, uint column)
{
    return ((column / 16 * inner_size + k) / 2) * 8 + column % 16 / 2;
}

float int8_element(uint word, uint k, uint column)
{
    return float(bitfieldExtract(int(word), int(16 * (k % 2) + 8 * (column % 2)), 8));
}

// Where the scale of a column is, counted in fp32 from the first panel.
uint int8_scale(uint inner_size, uint column_count, uint column)
{
    return (column_count + 15) / 16 * 16 * inner_size / 4 + column;
}
