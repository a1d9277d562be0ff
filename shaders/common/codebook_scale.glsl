// What an entry of the codebook is multiplied by before it is compared or looked up: one over its length with L2_NORM, but at
// most 1e12, as PyTorch's normalize has it. The includer declares codebook and L2_NORM.
float codebook_scale(uint entry, uint dims)
{
    float scale = 1.0;
    if (L2_NORM != 0)
    {
        float squares = 0.0;
        for (uint d = 0; d < dims; d++)
            squares += codebook[entry + d] * codebook[entry + d];
        scale = 1.0 / max(sqrt(squares), 1e-12);
    }
    return scale;
}
