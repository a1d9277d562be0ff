// The best value of a workgroup of 128 and its code, the smallest code among equals. The includer defines
// IS_BETTER(a, b), which is false for equals.
shared float best_values[128];
shared uint best_codes[128];

// To be called by all invocations, each with its own best; best_codes[0] is then that of all.
void find_best(uint lane, float value, uint code)
{
    best_values[lane] = value;
    best_codes[lane] = code;
    barrier();
    for (uint half_size = 64; half_size > 0; half_size /= 2)
    {
        if (lane < half_size)
        {
            float other = best_values[lane + half_size];
            uint other_code = best_codes[lane + half_size];
            if (IS_BETTER(other, best_values[lane]) || (other == best_values[lane] && other_code < best_codes[lane]))
            {
                best_values[lane] = other;
                best_codes[lane] = other_code;
            }
        }
        barrier();
    }
}
