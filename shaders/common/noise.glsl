// The project's noise: Philox4x32-10 and the functions that turn its words into samples. Log and cosine are written out
// here, in fp32 operations that every driver must round alike (`precise` forbids contraction), because drivers' own log
// is allowed an error of 2^-21 near 1, which would change tokens from one driver to the next.

const uint TOKEN_NOISE = 0;
const uint CONFIDENCE_NOISE = 1;
const uint LATENT_NOISE = 2;

// Four words for counter (element / 4, position, step, stream) and key (low, high half of the seed).
uvec4 philox(uvec4 counter, uvec2 key)
{
    for (uint round_index = 0; round_index < 10; round_index++)
    {
        uint high0, low0, high1, low1;
        umulExtended(0xD2511F53u, counter.x, high0, low0);
        umulExtended(0xCD9E8D57u, counter.z, high1, low1);
        counter = uvec4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return counter;
}

// (0, 1), symmetric; exact in fp32.
float uniform_open(uint word)
{
    return float(word >> 9) * 1.1920928955078125e-7 + 5.9604644775390625e-8;
}

// Natural logarithm of a positive normal number, to 2 ulp also where it is close to zero. Coefficients of Cephes' logf.
float log_exact(float x)
{
    uint bits = floatBitsToUint(x);
    int exponent = int(bits >> 23) - 126;
    float m = uintBitsToFloat((bits & 0x007FFFFFu) | 0x3F000000u);
    if (m < 0.70710678118654752)
    {
        exponent -= 1;
        m += m;
    }
    precise float f = m - 1.0;
    precise float z = f * f;
    precise float e = float(exponent);
    precise float p = 7.0376836292e-2;
    p = p * f;
    p = p - 1.1514610310e-1;
    p = p * f;
    p = p + 1.1676998740e-1;
    p = p * f;
    p = p - 1.2420140846e-1;
    p = p * f;
    p = p + 1.4249322787e-1;
    p = p * f;
    p = p - 1.6668057665e-1;
    p = p * f;
    p = p + 2.0000714765e-1;
    p = p * f;
    p = p - 2.4999993993e-1;
    p = p * f;
    p = p + 3.3333331174e-1;
    p = p * f;
    p = p * z;
    precise float low = e * -2.12194440e-4;
    p = p + low;
    precise float half_z = z * 0.5;
    p = p - half_z;
    precise float result = f + p;
    precise float high = e * 0.693359375;
    result = result + high;
    return result;
}

float gumbel(uint word)
{
    return -log_exact(-log_exact(uniform_open(word)));
}

// cos(2 pi u) for u in 0..1: the nearest quarter turn is taken off exactly, then a short series.
float cos_turns(float u)
{
    float quarter = floor(4.0 * u + 0.5);
    precise float r = u - 0.25 * quarter;
    precise float a = r * 6.283185307179586;
    precise float a2 = a * a;
    precise float c = 1.0 + a2 * (-0.5 + a2 * (4.1666645683e-2 + a2 * (-1.3887316255e-3 + a2 * 2.4433157118e-5)));
    precise float s = a + a * a2 * (-1.6666654611e-1 + a2 * (8.3321608736e-3 + a2 * -1.9515295891e-4));
    uint turn = uint(quarter) & 3u;
    float value = (turn & 1u) == 0u ? c : s;
    return turn == 1u || turn == 2u ? -value : value;
}
