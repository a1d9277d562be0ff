// GELU in its erf form and tanh, written out so that they are accurate near zero on every driver, and SiLU.

// x * (1 + erf(x / sqrt 2)) / 2. With a = |x| / sqrt 2, erfc(a) is Abramowitz and Stegun's 7.1.26, off by at most 1.5e-7: on the
// negative side it is what multiplies x, so that nothing cancels there.
float gelu(float x)
{
    float a = abs(x) * 0.7071067811865476;
    float t = 1.0 / (1.0 + 0.3275911 * a);
    float erfc = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-a * a);
    return 0.5 * x * (x < 0.0 ? erfc : 2.0 - erfc);
}

float tanh_accurate(float x)
{
    float a = abs(x);
    // Where 1 - e would cancel. The series' next term is 3e-10 of x at most.
    if (a < 0.1)
    {
        float x2 = x * x;
        return x * (1.0 + x2 * (-1.0 / 3.0 + x2 * (2.0 / 15.0 + x2 * (-17.0 / 315.0))));
    }
    float e = exp(-2.0 * a);
    float t = (1.0 - e) / (1.0 + e);
    return x < 0.0 ? -t : t;
}

float silu(float x)
{
    return x / (1.0 + exp(-x));
}

vec4 silu(vec4 x)
{
    return x / (1.0 + exp(-x));
}
