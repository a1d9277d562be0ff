// A channel clamped to 0..1. What is not a number becomes 0: a comparison with it is false, and of clamp() nobody knows.
float to_unit(float value)
{
    return value > 0.0 ? min(value, 1.0) : 0.0;
}
