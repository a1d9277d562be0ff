using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Graphs;

/// <summary>What tells weights apart on the device: the same tensors are packed more than once, each time for other kernels.</summary>
public class WeightRequestTests
{
    [Fact]
    public void WhatIsPackedOtherwiseHasAKeyOfItsOwn()
    {
        var request = new WeightRequest(["a"], WeightLayout.Panels, Rows: 16, Columns: 32, SourceColumns: 64, FirstColumn: 0, DataType.Float16);
        var norm = new FoldedNorm("norm.weight", "norm.bias", ["bias"]);
        WeightRequest[] all =
        [
            request,
            request with { Names = ["b"] },
            request with { Names = ["a", "b"] },
            request with { Layout = WeightLayout.TransposedPanels },
            request with { Columns = 16 },
            request with { FirstColumn = 32 },
            request with { Type = DataType.Int8 },
            request with { Fragments = new GemmUnit(16, 16, 16, 32, 48 << 10) },
            request with { Norm = norm },
            request with { Norm = norm with { Weight = "other" } },
            request with { Norm = norm with { Bias = "other" } },
            request with { Norm = norm with { LayerBiases = [] } },
            request with { Norm = norm with { LayerBiases = ["bias", "other"] } },
            request with { Layout = WeightLayout.Zeros },
            request with { Layout = WeightLayout.Zeros, Columns = 16 },
            request with { Layout = WeightLayout.Zeros, Type = DataType.Float32 },
        ];
        Assert.Equal(all.Select(r => r.Key).Distinct(), all.Select(r => r.Key));
    }
}
