using Titok.Demo.Drawing;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>What a window looks like at a moment.</summary>
internal sealed record Shot(int Width, int Height, byte[] Rgb)
{
    /// <summary>The brightest of a pixel's channels, 0 to 255.</summary>
    public int Brightness(float x, float y)
    {
        int at = 3 * ((int)y * Width + (int)x);
        return Math.Max(Rgb[at], Math.Max(Rgb[at + 1], Rgb[at + 2]));
    }

    /// <summary>Share of a part's pixels that differ from the other's by more than a shade.</summary>
    public double Difference(Shot other, Box part)
    {
        int differing = 0, all = 0;
        for (int y = (int)part.Top; y < (int)part.Bottom; y++)
        {
            for (int x = (int)part.Left; x < (int)part.Right; x++, all++)
            {
                int at = 3 * (y * Width + x);
                for (int c = 0; c < 3; c++)
                {
                    if (Math.Abs(Rgb[at + c] - other.Rgb[at + c]) > 6)
                    {
                        differing++;
                        break;
                    }
                }
            }
        }
        return (double)differing / all;
    }

    /// <summary>Share of a part's pixels that are brighter than the ground.</summary>
    public double Painted(Box part)
    {
        int painted = 0, all = 0;
        for (int y = (int)part.Top; y < (int)part.Bottom; y++)
        {
            for (int x = (int)part.Left; x < (int)part.Right; x++, all++)
                painted += Brightness(x, y) > 40 ? 1 : 0;
        }
        return (double)painted / all;
    }
}
