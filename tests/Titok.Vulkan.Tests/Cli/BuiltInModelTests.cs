using System.Text.Json;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>The model that is used where none is named.</summary>
public sealed class BuiltInModelTests(CliModel model) : IClassFixture<CliModel>
{
    [Fact]
    public void WhoNamesNothingGetsAPictureOfEveryClass()
    {
        string output = model.Out("sheet.png");
        TitokProcess.Run("generate", "-o", output).AssertDone();
        using JsonDocument request = JsonDocument.Parse(Png.Texts(output)["titok"]);
        string?[] labels = [.. request.RootElement.GetProperty("labels").EnumerateArray().Select(label => label.GetString())];
        Assert.Equal(16, labels.Length);
        Assert.Equal(("gem", "crown"), (labels[0], labels[^1]));
        Assert.Contains("gem to crown", TitokProcess.Run("info").Output, StringComparison.Ordinal);
    }

    /// <summary>Its parts fit no other's.</summary>
    [Fact]
    public void WhoNamesOnePartMustNameTheOther() =>
        TitokProcess.Run("generate", "--generator", Path.Combine(model.Folder, "generator"), "-o", model.Out("a.png")).AssertFailed(2, "--model", "--tokenizer");
}
