using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>y[b, t] = x[b, firstToken + t]: neighbouring tokens of each sequence.</summary>
internal static class TakeTokensKernel
{
    internal struct Push
    {
        public uint Batch;
        public uint Tokens;
        public uint FirstToken;
        public uint Taken;
        public uint Pieces;
    }

    private const int PieceInBytes = 16;

    /// <summary>Whether tokens of so many channels are whole pieces.</summary>
    public static bool Suits(Tensor x) => x.Shape[-1] * x.Type.SizeInBytes() % PieceInBytes == 0;

    public static KernelCall Create(Tensor x, Tensor y, int firstToken)
    {
        int pieces = x.Shape[-1] * x.Type.SizeInBytes() / PieceInBytes;
        return new KernelCall(
            "take_tokens",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push
            {
                Batch = (uint)x.Shape[0],
                Tokens = (uint)x.Shape[1],
                FirstToken = (uint)firstToken,
                Taken = (uint)y.Shape[1],
                Pieces = (uint)pieces,
            }),
            GroupCount.Cover((long)y.Shape.Rows * pieces, Elementwise.GroupSize));
    }
}
