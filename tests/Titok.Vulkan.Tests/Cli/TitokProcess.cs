using System.Diagnostics;
using System.Text;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>Runs the built <c>titok</c> as a process: exit codes, stderr and signals are what they are for a user.</summary>
internal static class TitokProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static TitokRun Run(params string[] args) => Run(new Dictionary<string, string?>(), args);

    public static TitokRun Run(IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        using Process process = Start(environment, args);
        return Finish(process);
    }

    /// <summary>The one built with these tests, or TITOK_PROGRAM: a native or self-contained build, say.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("TITOK_PROGRAM")
        ?? Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "titok.exe" : "titok");

    public static Process Start(IReadOnlyDictionary<string, string?> environment, params string[] args) => Start(Program, environment, args);

    /// <summary>Another program, a shell say, that runs titok.</summary>
    public static Process Start(string program, IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = s_utf8,
            StandardErrorEncoding = s_utf8,
        };
        // Wherever the runtime is that runs these tests, titok is to find it too.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        foreach ((string variable, string? value) in environment)
            start.Environment[variable] = value;
        return Process.Start(start)!;
    }

    public static TitokRun Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"titok did not end within {s_patience}; stderr: {errors.Result}");
        }
        return new TitokRun(process.ExitCode, output.Result.ReplaceLineEndings("\n"), errors.Result.ReplaceLineEndings("\n"));
    }
}

/// <summary>What a run of titok came to, with lines that end as on Unix.</summary>
internal sealed record TitokRun(int ExitCode, string Output, string Errors)
{
    /// <summary>It did its work, had nothing to complain of, and said no more than a line.</summary>
    public void AssertDone()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}");
        Assert.Equal("", Errors);
    }

    /// <summary>It failed with this exit code and one line on stderr, which is handed back.</summary>
    public string AssertFailed(int exitCode = 1)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, {exitCode} expected; stderr: {Errors}");
        Assert.EndsWith("\n", Errors, StringComparison.Ordinal);
        string line = Errors.TrimEnd('\n');
        Assert.DoesNotContain('\n', line);
        Assert.StartsWith("titok: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", line, StringComparison.Ordinal);
        return line;
    }

    /// <summary>The same, with these words in the line.</summary>
    public void AssertFailed(int exitCode, params ReadOnlySpan<string> words)
    {
        string line = AssertFailed(exitCode);
        foreach (string word in words)
            Assert.Contains(word, line, StringComparison.OrdinalIgnoreCase);
    }
}
