// GELU in its erf form and tanh, written out so that they are accurate near zero on every driver.

// erf to an absolute error of 2e-7: its Maclaurin series where |x| < 0.3, so that small values keep their relative
// accuracy, and 1 - erfc elsewhere, by the rational Chebyshev fit of Numerical Recipes (fractional error 1.2e-7).
float erf_approx(float x)
{
    float a = abs(x);
    float t = 1.0 / (1.0 + 0.5 * a);
    float erfc = t * exp(-a * a - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 +
        t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))));
    float x2 = x * x;
    float series = x * (1.1283791670955126 + x2 * (-0.37612638903183754 + x2 * (0.11283791670955126 + x2 * -0.026866170645131252)));
    return a < 0.3 ? series + x * x2 * x2 * x2 * x2 * 0.005223977625442188 : (x < 0.0 ? erfc - 1.0 : 1.0 - erfc);
}

float gelu(float x)
{
    return 0.5 * x * (1.0 + erf_approx(x * 0.7071067811865476));
}

float tanh_accurate(float x)
{
    float a = abs(x);
    if (a < 0.1)
    {
        float x2 = x * x;
        return x * (1.0 + x2 * (-1.0 / 3.0 + x2 * (2.0 / 15.0 + x2 * (-17.0 / 315.0))));
    }
    float e = exp(-2.0 * a);
    float t = (1.0 - e) / (1.0 + e);
    return x < 0.0 ? -t : t;
}
