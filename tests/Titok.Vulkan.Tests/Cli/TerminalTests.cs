using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>What comes out on a real terminal, byte by byte.</summary>
public sealed partial class TerminalTests(CliModel model) : IClassFixture<CliModel>
{
    private const string Program = "/usr/bin/script";

    [Fact]
    public void ColoursAreLeftOutWhereNobodyWantsThem()
    {
        string image = model.Out("a.png");
        string generate = $"generate --model {model.Folder} -o {image}";
        Assert.Matches(Colour(), Run("TERM=xterm-256color", generate));
        string plain = Run("TERM=xterm-256color NO_COLOR=1", generate);
        Assert.Contains("generating", plain, StringComparison.Ordinal);
        Assert.DoesNotMatch(Colour(), plain);
        Assert.DoesNotContain('\e', Run("TERM=dumb", generate));
    }

    [Fact]
    public void AReportStandsBelowTheProgressThatIsGone()
    {
        string output = Run("TERM=xterm", $"bench --model {model.Folder} --runs 1 --warmup 0");
        Assert.Contains("measuring", output, StringComparison.Ordinal);
        Assert.True(output.IndexOf("median ms", StringComparison.Ordinal) > output.LastIndexOf('\e'), output);
    }

    /// <summary>A word that is longer, such as a path, has a line of its own.</summary>
    [Theory]
    [InlineData("devices")]
    [InlineData("info")]
    [InlineData("doctor")]
    public void LinesAreBrokenBetweenWords(string command)
    {
        const int columns = 40;
        string arguments = command == "info" ? $"info --model {model.Folder}" : command;
        string narrow = Run("TERM=dumb", arguments, columns), wide = Run("TERM=dumb", arguments, 500);
        Assert.All(narrow.Split('\n'), line => Assert.True(line.Length <= columns || !line.Trim().Contains(' '), line));
        Assert.Contains(wide.Split('\n'), line => line.Length > columns);
        Assert.Empty(Words(wide).Except(Words(narrow)));

        static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Runs titok on a terminal of so many columns.</summary>
    private static string Run(string environment, string arguments, int columns = 80)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Program), "there is no script of util-linux; on Debian: apt-get install bsdutils");
        using Process process = TitokProcess.Start(
            Program, new Dictionary<string, string?> { ["NO_COLOR"] = null },
            "-qec", $"stty cols {columns} rows 30; env {environment} {TitokProcess.Program} {arguments}", "/dev/null");
        TitokRun run = TitokProcess.Finish(process);
        Assert.True(run.ExitCode == 0, run.Output);
        return run.Output;
    }

    [GeneratedRegex("\\e\\[[0-9;]*m")]
    private static partial Regex Colour();
}
