namespace Titok.Vulkan.Reference;

/// <summary>Philox4x32-10 and the samples made of its words.</summary>
public static class Philox
{
    public const uint TokenNoise = 0, ConfidenceNoise = 1, LatentNoise = 2;

    /// <summary>Four words for a counter (element / 4, position, step, stream) and a seed.</summary>
    public static uint[] Words(uint x, uint y, uint z, uint w, ulong seed)
    {
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong first = (ulong)x * 0xD2511F53, second = (ulong)z * 0xCD9E8D57;
            (x, y, z, w) = ((uint)(second >> 32) ^ y ^ key0, (uint)second, (uint)(first >> 32) ^ w ^ key1, (uint)first);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        return [x, y, z, w];
    }

    public static uint Word(uint element, uint position, uint step, uint stream, ulong seed) =>
        Words(element / 4, position, step, stream, seed)[element % 4];

    public static double Uniform(uint word) => (word >> 9) * Math.Pow(2, -23) + Math.Pow(2, -24);

    public static double Gumbel(uint word) => -Math.Log(-Math.Log(Uniform(word)));

    /// <summary>A normal sample by Box and Muller.</summary>
    public static double Normal(uint first, uint second) => Math.Sqrt(-2 * Math.Log(Uniform(first))) * Math.Cos(2 * Math.PI * Uniform(second));
}
