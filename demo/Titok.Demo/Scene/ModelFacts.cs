using System.Globalization;
using Titok.Vulkan;

namespace Titok.Demo.Scene;

/// <summary>What the scene has to know of a model: no more than its files say.</summary>
/// <param name="ImageSize">Pixels along a picture's side.</param>
/// <param name="Tokens">Tokens a picture.</param>
/// <param name="CodebookSize">Codebook's size.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Labels">A name for each class; empty where it has none.</param>
internal sealed record ModelFacts(int ImageSize, int Tokens, int CodebookSize, int Classes, IReadOnlyList<string> Labels)
{
    public static ModelFacts Of(TitokModelInfo info) =>
        new(info.Tokenizer!.ImageSize, info.Tokenizer.LatentTokens, info.Tokenizer.CodebookSize, info.Generator!.Classes, info.Labels);

    /// <summary>A class's name, the first where it has several, or its number.</summary>
    public string Label(int index) =>
        index < Labels.Count ? Labels[index].Split(',')[0].Trim() : $"class {index.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>All that a class may be found by.</summary>
    public IReadOnlyList<string> SearchTexts => [.. Enumerable.Range(0, Classes).Select(i => i < Labels.Count ? Labels[i] : Label(i))];
}
