using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>
/// Convolutions by their transform, and the group norms that take no pass over the picture of their own there: the norm of
/// the input is done while it is transformed, and what the next norm has to know of the output is gathered while that is
/// made.
/// </content>
internal sealed partial class Graph
{
    private readonly Dictionary<ValueRange, NormedPicture> _groupNorms = [];

    /// <summary>What can leave statistics of its output, by that.</summary>
    private readonly Dictionary<ValueRange, WinogradConvolution> _winograds = [];

    /// <summary>An image at a time, so that what lies between the dispatches stays small.</summary>
    private void AddWinograd(string label, Tensor x, Tensor weight, GemmEpilogue epilogue, Tensor y)
    {
        NormedPicture? norm = _groupNorms.GetValueOrDefault(x.Range);
        Tensor points = Weight(weight.Value.Weight! with { Layout = WeightLayout.WinogradPanels }, new Shape(weight.Shape[0], 3 * weight.Shape[1]));
        Tensor v = Intermediate($"{label}.input", DataType.Float32, WinogradKernels.InputShape(x.Shape));
        Tensor m = Intermediate($"{label}.products", DataType.Float32, WinogradKernels.ProductShape(x.Shape, y.Shape[3]));
        var outputs = new List<int>();
        for (int image = 0; image < x.Shape[0]; image++)
        {
            Add($"{label}.input", WinogradKernels.CreateInput(norm?.X ?? x, norm, v, image));
            Add($"{label}.products", WinogradKernels.CreateProduct(x.Shape, v, points, m));
            outputs.Add(_calls.Count);
            Add(label, WinogradKernels.CreateOutput(m, epilogue, y, image));
        }
        _winograds.Add(y.Range, new WinogradConvolution(outputs, m, epilogue, y));
    }

    /// <summary>Makes a convolution leave statistics of its output.</summary>
    private Tensor LeaveStatistics(WinogradConvolution convolution)
    {
        Tensor y = convolution.Y;
        Tensor partial = Intermediate($"{y.Value.Name}.statistics", DataType.Float32, WinogradKernels.StatisticsShape(y.Shape));
        for (int image = 0; image < convolution.Outputs.Count; image++)
        {
            int index = convolution.Outputs[image];
            _calls[index] = (_calls[index].Label, WinogradKernels.CreateOutput(convolution.M, convolution.Epilogue, y, image, partial));
        }
        return partial;
    }

    /// <summary>The calls that make the output's images, and what they make it of.</summary>
    private sealed record WinogradConvolution(List<int> Outputs, Tensor M, GemmEpilogue Epilogue, Tensor Y);
}
