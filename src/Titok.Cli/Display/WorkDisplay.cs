using Spectre.Console;

namespace Titok.Cli.Display;

/// <summary>Shows how far long work has come: on a terminal, and nowhere else.</summary>
internal static class WorkDisplay
{
    /// <summary>Whether anybody can see it; progress on stdout would get between a command's results.</summary>
    public static bool IsSeen => !Console.IsErrorRedirected;

    /// <summary>Runs work in named stages.</summary>
    /// <param name="work">Starts a stage by its name; the action it gets back tells the share done, 0 to 1.</param>
    public static T Run<T>(Func<Func<string, Action<double>>, T> work)
    {
        if (!IsSeen)
            return work(_ => _ => { });
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask? current = null;
                return work(name =>
                {
                    if (current is not null)
                        current.Value = current.MaxValue;
                    ProgressTask task = current = context.AddTask(Markup.Escape(name), maxValue: 1);
                    return share => task.Value = share;
                });
            });
    }
}
