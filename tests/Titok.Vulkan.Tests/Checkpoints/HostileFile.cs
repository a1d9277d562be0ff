namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>A file that has to be refused: with the one typed error, on one line, naming the file and the reason.</summary>
internal sealed record HostileFile(string Name, byte[] Content, string Reason)
{
    public void IsRefusedBy(Action<byte[], string> parse)
    {
        string file = $"folder/{Name}";
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => parse(Content, file));
        Assert.Equal(file, error.File);
        Assert.StartsWith(file + ": ", error.Message);
        Assert.Contains(Reason, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(error.Message.Length < 1000, "The message is not one clear line.");
    }
}
