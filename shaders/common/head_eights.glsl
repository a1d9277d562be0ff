// Eights of channels of the head that a workgroup answers for: its y is the head, its z the image. The includer declares qkv
// fp16[B, T, 3C] in eights, tokens, heads, and EIGHTS, which is how many of them a head has.
uint head_eight, row_eights;

void choose_head()
{
    row_eights = 3 * heads * EIGHTS;
    head_eight = gl_WorkGroupID.z * tokens * row_eights + gl_WorkGroupID.y * EIGHTS;
}

// Part 0 has queries, 1 keys, 2 values. Tokens past the end repeat the last one.
uvec4 load(uint token, uint part, uint eight)
{
    return qkv[head_eight + min(token, tokens - 1) * row_eights + part * heads * EIGHTS + eight];
}
