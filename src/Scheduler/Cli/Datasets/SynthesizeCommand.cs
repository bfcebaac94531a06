using System.CommandLine;
using System.Globalization;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset synthesize --out DIR --pairs N --seed S</c>: generated scenes in the layout <c>sysu</c>.</summary>
internal static class SynthesizeCommand
{
    private const int DefaultSize = 256;

    public static Command Create(Terminal terminal)
    {
        var folder = new Option<string>("--out") { Required = true, Description = "A new folder" };
        var pairs = Whole("--pairs", "How many pairs to generate", SyntheticDataset.LeastPairs, 1_000_000);
        var seed = new Option<long>("--seed") { Description = "Another seed gives other scenes" };
        var size = Whole("--size", "Side of the images in pixels", SceneSynthesizer.LeastSize, SceneSynthesizer.LargestSize);
        (pairs.Required, size.DefaultValueFactory) = (true, _ => DefaultSize);
        var json = DatasetArguments.Json();
        var command = new Command("synthesize", "Writes generated pairs with known change, in the layout sysu") { folder, pairs, seed, size, json };
        command.SetAction(async (parsed, token) =>
        {
            var (path, count) = (Path.GetFullPath(parsed.GetRequiredValue(folder)), parsed.GetValue(pairs));
            await terminal.WithProgressAsync(async progress =>
            {
                await SyntheticDataset.WriteAsync(path, count, parsed.GetValue(seed), parsed.GetValue(size), new Pairs(progress, count), token);
                return count;
            });
            var (train, validation, test) = SyntheticDataset.Split(count);
            if (parsed.GetValue(json))
                terminal.Json(new { Folder = path, Layout = "sysu", Pairs = count, Splits = new { Train = train, Val = validation, Test = test } });
            else
                terminal.Result(
                    string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {train} pairs to train, {validation} to validate, {test} to test. Next: changedetection dataset pack {path} " +
                    $"--layout sysu --out FOLDER"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<int> Whole(string name, string description, int least, int largest) =>
        new Option<int>(name) { Description = string.Create(CultureInfo.InvariantCulture, $"{description}, {least} to {largest}") }.Within(least, largest);

    private sealed class Pairs(IProgress<WorkDone> progress, int total) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new("generating", value, total));
    }
}
