using System.CommandLine;
using Titok.Cli.Display;
using Titok.Cli.Files;
using Titok.Cli.Options;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok bench</c>: how long a model takes, in all and by stage.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var command = new Command("bench", "Measure how long a model takes on a device");
        var model = new ModelOptions();
        Option<bool> random = CommonOptions.RandomWeights();
        var weights = new Option<string?>("--weights") { Description = "Keep the random weights in this folder, and reuse them the next time", HelpName = "DIR" }.ThatIsOutput();
        var batch = NumberOption.Whole("--batch", 1, 1024).Named("N", "Images per run; default 1");
        var runs = NumberOption.Whole("--runs", 1, 10_000).Named("N", "Measured runs; default 5");
        var warmup = NumberOption.Whole("--warmup", 0, 1000).Named("N", "Warm-up runs, not measured; default 1");
        var kernels = new Option<bool>("--kernels") { Description = "Also show the time of each kernel" };
        var ceilings = new Option<bool>("--ceilings") { Description = "Also measure the device's limits: a large copy and a large matrix multiplication" };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON" };
        var sampling = new SamplingOptions();
        foreach (Option option in new Option[] { random, weights, batch, runs, warmup, kernels, ceilings, json })
            command.Options.Add(option);
        sampling.AddTo(command);
        model.AddTo(command);

        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            sampling.Check(parsed);
            if (parsed.GetValue(weights) is not null && !parsed.GetValue(random))
                throw new UsageException("--weights goes with --random-weights");
            using RandomWeights? made = parsed.GetValue(random) ? RandomWeights.Make(model.RandomName(parsed), parsed.GetValue(weights), cancellation) : null;
            string tokenizer = made?.Folder ?? model.TokenizerPath(parsed), generator = made?.Folder ?? model.GeneratorPath(parsed);
            TitokModelInfo info = TitokModelInfo.Read(tokenizer, generator);
            GenerationSettings settings = sampling.Settings(parsed, info);

            string text = WorkDisplay.Run(stage =>
            {
                Action<double> tellLoaded = stage("loading the model");
                double before = BenchStartup.MillisecondsOfProcess();
                using TitokDevice device = model.OpenDevice(parsed);
                double opened = BenchStartup.MillisecondsOfProcess();
                using TitokPipeline pipeline = TitokPipeline.Load(device, tokenizer, generator, model.Loading(parsed, tellLoaded), cancellation);
                double loaded = BenchStartup.MillisecondsOfProcess();
                Action<double> tell = stage("measuring");
                TitokBenchmarkResult result = TitokBenchmark.Run(
                    pipeline, parsed.GetValue(batch) ?? 1, parsed.GetValue(runs) ?? 5, parsed.GetValue(warmup) ?? 1, settings, new InlineProgress<double>(tell), cancellation);
                var startup = new BenchStartup(before, opened - before, loaded - opened, device.KernelBuildTime.TotalMilliseconds, result.FirstMilliseconds);
                var report = new BenchReport(model.ModelName(parsed), settings, device, pipeline, startup, result)
                {
                    Ceilings = parsed.GetValue(ceilings) ? TitokBenchmark.Ceilings(pipeline) : null,
                    Kernels = parsed.GetValue(kernels) ? TitokBenchmark.Profile(pipeline, parsed.GetValue(batch) ?? 1, settings) : null,
                };
                return parsed.GetValue(json) ? report.ToJson() : report.ToText();
            });
            // Not within the display, which moves over what was written last.
            Console.WriteLine(text);
        }));
        return command;
    }
}
