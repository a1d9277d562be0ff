using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Titok.Vulkan.Files;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// What was found out about a device, on disk beside its pipeline cache. A line: stamp (<see cref="KernelStamp"/>), form, and the
/// rest of the choice. A file with another stamp or that says anything else is as good as none.
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
            return words.Length == 11 && words[0] == _stamp
                && Enum.TryParse(words[1], out KernelForm form) && Enum.IsDefined(form) && KernelSupport.Supports(_device.Physical, form)
                && Bit(words[2]) is { } linear && Bit(words[3]) is { } convolution && Attention(words[4]) is { } shortAttention && Attention(words[5]) is { } longAttention
                && Index(words[6], GemmTile.LargeTiles.Length) is { } linearTile && Index(words[7], GemmTile.LargeTiles.Length) is { } convolutionTile
                && Bit(words[8]) is { } weightFragments && Index(words[9], 1 << WarpgroupBlock.Linears.Length) is { } linearBlocks
                && Index(words[10], 1 << WarpgroupBlock.Convolutions.Length) is { } convolutionBlocks
                ? new KernelChoice(form, linear, convolution)
                {
                    ShortAttention = shortAttention,
                    LongAttention = longAttention,
                    WeightFragments = weightFragments,
                    LinearTile = linearTile,
                    ConvolutionTile = convolutionTile,
                    LinearBlocks = linearBlocks,
                    ConvolutionBlocks = convolutionBlocks,
                }
                : null;
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
        string line = $"{_stamp} {choice.Form} {Bit(choice.Linear)} {Bit(choice.Convolution)} {choice.ShortAttention} {choice.LongAttention} "
            + $"{choice.LinearTile} {choice.ConvolutionTile} {Bit(choice.WeightFragments)} {choice.LinearBlocks} {choice.ConvolutionBlocks}\n";
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

    private AttentionForm? Attention(string word) =>
        Enum.TryParse(word, out AttentionForm form) && Enum.IsDefined(form) && KernelSupport.Supports(_device.Physical, form) ? form : null;

    private static int? Index(string word, int end) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < end ? index : null;

    private static bool? Bit(string word) => word switch { "0" => false, "1" => true, _ => null };

    private static char Bit(bool value) => value ? '1' : '0';
}
