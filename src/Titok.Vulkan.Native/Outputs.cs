namespace Titok.Vulkan.Native;

/// <summary>Reads where a job's pictures are to go.</summary>
internal static class Outputs
{
    private const int None = 0, Image = 1, Buffer = 2, Memory = 3;

    public static TitokOutput? Read(in NativeOutput output)
    {
        var format = Arguments.Known<TitokPixelFormat>(output.Format, "output.format");
        return output.Kind switch
        {
            None => null,
            Image => new TitokImageOutput
            {
                Image = output.Image,
                Format = format,
                LayoutBefore = output.LayoutBefore,
                LayoutAfter = Arguments.Layout(output.LayoutAfter),
                MipLevel = Arguments.Small(output.MipLevel, "output.mipLevel"),
                FirstLayer = Arguments.Small(output.FirstLayer, "output.firstLayer"),
                Columns = Arguments.Small(output.Columns, "output.columns"),
                X = Arguments.Small(output.X, "output.x"),
                Y = Arguments.Small(output.Y, "output.y"),
            },
            Buffer => new TitokBufferOutput
            {
                Buffer = output.Buffer,
                Format = format,
                OffsetInBytes = Arguments.Offset(output.OffsetInBytes),
                ReleaseToExternal = output.ReleaseToExternal != 0,
            },
            Memory => new TitokMemoryOutput { Format = format },
            _ => throw Arguments.Invalid($"output.kind has no value {output.Kind}"),
        };
    }
}
