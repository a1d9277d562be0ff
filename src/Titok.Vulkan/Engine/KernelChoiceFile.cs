using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Titok.Vulkan.Files;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// What was found out about a device, on disk beside its pipeline cache. A line: stamp (<see cref="KernelStamp"/>), form, and of a
/// form with a unit how that is used. A file with another stamp or that says anything else is as good as none.
/// </summary>
internal sealed class KernelChoiceFile
{
    private readonly GpuDevice _device;
    private readonly string? _path;
    private readonly string _stamp;

    private KernelChoiceFile(GpuDevice device)
    {
        _device = device;
        _path = KernelStamp.PathFor(device, "kernels");
        _stamp = KernelStamp.Of(device.Physical);
    }

    public static KernelChoiceFile For(GpuDevice device) => new(device);

    /// <summary>Whether there is a file, or none is to be kept.</summary>
    public bool IsThere => _path is null || File.Exists(_path);

    public KernelChoice? Read()
    {
        try
        {
            if (_path is null || !File.Exists(_path) || new FileInfo(_path).Length > 1024)
                return null;
            string[] words = File.ReadAllText(_path).Trim().Split(' ');
            if (words.Length < 2 || words[0] != _stamp
                || !Enum.TryParse(words[1], out KernelForm form) || !Enum.IsDefined(form) || !KernelSupport.Supports(_device.Physical, form))
                return null;
            if (KernelSupport.UnitOf(_device.Physical, form) is { } unit)
                return Unit(unit, words[2..]) is { } used ? new KernelChoice(used) : null;
            return words.Length == 2 ? new KernelChoice(form) : null;
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            return null;
        }
    }

    /// <summary>Writes the file whole or not at all; a failure only means that it is all found out again.</summary>
    public void Write(KernelChoice choice)
    {
        if (_path is null)
            return;
        string line = string.Join(' ', (string[])[_stamp, $"{choice.Form}", .. choice.Unit is { } unit ? Words(unit) : []]) + '\n';
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            AtomicFile.Write(_path, stream => stream.Write(Encoding.UTF8.GetBytes(line)));
        }
        catch (Exception e) when (e is TitokException || FileErrors.Is(e))
        {
            _device.Logger?.LogWarning("Which kernels are the fastest is not kept for the next time: {Reason}", e.Message);
        }
    }

    /// <summary>How a unit is used, in the order that <see cref="Unit"/> reads it.</summary>
    private static string[] Words(GemmUnit unit) =>
    [
        Bit(unit.Linear), Bit(unit.Convolution), $"{unit.ShortAttention}", $"{unit.LongAttention}", Index(unit, unit.LinearTile), Index(unit, unit.ConvolutionTile),
        Bit(unit.WeightFragments), $"{unit.LinearBlocks}", $"{unit.ConvolutionBlocks}", Bit(unit.ChainsLaunches),
    ];

    /// <summary>The device's unit, used so; null where the words say anything else.</summary>
    private GemmUnit? Unit(GemmUnit unit, string[] words) =>
        words.Length == 10 && Bit(words[0]) is { } linear && Bit(words[1]) is { } convolution
        && Attention(words[2]) is { } shortAttention && Attention(words[3]) is { } longAttention
        && Index(words[4], GemmTiles.Large(unit).Length) is { } linearTile && Index(words[5], GemmTiles.Large(unit).Length) is { } convolutionTile
        && Bit(words[6]) is { } weightFragments && Index(words[7], 1 << WarpgroupBlock.Linears.Length) is { } linearBlocks
        && Index(words[8], 1 << WarpgroupBlock.Convolutions.Length) is { } convolutionBlocks && Bit(words[9]) is { } chainsLaunches
            ? unit.WithFragments(weightFragments && unit.MayKeepFragments) with
            {
                Linear = linear,
                Convolution = convolution,
                ShortAttention = shortAttention,
                LongAttention = longAttention,
                LinearTile = GemmTiles.Large(unit)[linearTile],
                ConvolutionTile = GemmTiles.Large(unit)[convolutionTile],
                LinearBlocks = linearBlocks,
                ConvolutionBlocks = convolutionBlocks,
                ChainsLaunches = chainsLaunches,
            }
            : null;

    private AttentionForm? Attention(string word) =>
        Enum.TryParse(word, out AttentionForm form) && Enum.IsDefined(form) && KernelSupport.Supports(_device.Physical, form) ? form : null;

    private static int? Index(string word, int end) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < end ? index : null;

    private static string Index(GemmUnit unit, GemmTile? tile) => GemmTiles.Large(unit).IndexOf(tile!).ToString(CultureInfo.InvariantCulture);

    private static bool? Bit(string word) => word switch { "0" => false, "1" => true, _ => null };

    private static string Bit(bool value) => value ? "1" : "0";
}
