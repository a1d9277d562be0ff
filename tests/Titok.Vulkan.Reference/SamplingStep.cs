namespace Titok.Vulkan.Reference;

/// <summary>One step of the sampling loop: guidance, noise, arg-max, confidence, masking the least certain again.</summary>
public static class SamplingStep
{
    /// <param name="Guidance">Weight of conditional minus unconditional logits.</param>
    /// <param name="FromUnconditional">Whether that is added to the unconditional logits rather than to the conditional ones.</param>
    /// <param name="SoftmaxTemperature">The logits are divided by it.</param>
    /// <param name="Temperature">Of the noise.</param>
    /// <param name="MaskCount">Positions to mask again, before the bounds.</param>
    /// <param name="Step">The step's number.</param>
    /// <param name="Last">Whether nothing is masked again.</param>
    public sealed record Settings(double Guidance, bool FromUnconditional, double SoftmaxTemperature, double Temperature, int MaskCount, int Step, bool Last);

    /// <summary>ids[B, K] after the step. Where two candidates or confidences are too close to call in fp32, <paramref name="margin"/> says how close.</summary>
    public static int[] Apply(float[] conditional, float[]? unconditional, int[] ids, Settings settings, int images, int latents, int codes, ulong seed, out double margin)
    {
        int[] after = new int[ids.Length];
        margin = double.PositiveInfinity;
        for (int b = 0; b < images; b++)
        {
            ulong own = unchecked(seed + (ulong)b);
            int[] candidates = new int[latents];
            double[] confidence = new double[latents];
            for (int k = 0; k < latents; k++)
            {
                int row = b * latents + k;
                (candidates[k], confidence[k]) = (ids[row], double.PositiveInfinity);
                if (ids[row] != codes)
                    continue;
                double[] logits = [.. Enumerable.Range(0, codes).Select(v => Guided(conditional, unconditional, row * codes + v, settings))];
                double[] values = [.. logits.Select((l, v) => l + Noise(settings, (uint)v, (uint)k, Philox.TokenNoise, own))];
                candidates[k] = Array.IndexOf(values, values.Max());
                margin = Math.Min(margin, codes == 1 ? double.PositiveInfinity : values.Max() - values.Where((_, v) => v != candidates[k]).Max());
                confidence[k] = logits[candidates[k]] + Noise(settings, 0, (uint)k, Philox.ConfidenceNoise, own);
            }

            int masked = ids.AsSpan(b * latents, latents).Count(codes);
            int maskCount = Math.Max(1, Math.Min(masked - 1, settings.MaskCount));
            double[] sorted = [.. confidence.Order()];
            for (int k = 0; k < latents; k++)
            {
                bool again = !settings.Last && ids[b * latents + k] == codes && confidence[k] <= sorted[maskCount - 1];
                after[b * latents + k] = again ? codes : candidates[k];
            }
            if (maskCount < latents && double.IsFinite(sorted[maskCount]))
                margin = Math.Min(margin, sorted[maskCount] - sorted[maskCount - 1]);
        }
        return after;
    }

    private static double Guided(float[] conditional, float[]? unconditional, int index, Settings settings)
    {
        double logit = conditional[index];
        if (unconditional is not null)
            logit = (settings.FromUnconditional ? unconditional[index] : logit) + (conditional[index] - unconditional[index]) * settings.Guidance;
        return logit / settings.SoftmaxTemperature;
    }

    private static double Noise(Settings settings, uint element, uint position, uint stream, ulong seed) => settings.Temperature == 0
        ? 0
        : settings.Temperature * Philox.Gumbel(Philox.Word(element, position, (uint)settings.Step, stream, seed));
}
