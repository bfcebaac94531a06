using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset verify URI</c>: reads everything, and names every damage.</summary>
internal static class VerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var (uri, json) = (DatasetArguments.Uri(), DatasetArguments.Json());
        var quick = new Option<bool>(
            "--quick") { Description = "Read only the headers of images: bytes that are not as packed are still found, not what was packed wrong" };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("verify", "Checks every shard, index, checksum and image of a data set, and names all that is wrong")
        {
            uri, quick, dataDir, json,
        };
        command.SetAction(async (parsed, token) =>
        {
            var dataset = await ShardDataset.OpenAsync(DatasetArguments.Open(parsed.GetRequiredValue(uri)), token);
            var found = await terminal.WithProgressAsync(progress =>
                new DatasetVerifier(dataset, deep: !parsed.GetValue(quick)).VerifyAsync(new Bytes(progress), token));
            Report(terminal, dataset, found, parsed.GetValue(json));
            await RecordAsync(terminal, parsed.GetValue(dataDir), dataset, found, parsed.GetValue(quick), token);
            return found.IsSound ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>
    /// What was found goes to the system that has the data set on record, where one is up. A verification needs none, so nothing of this ends it.
    /// </summary>
    private static async Task RecordAsync(
        Terminal terminal, string? dataDir, ShardDataset dataset, DatasetVerification found, bool quick, CancellationToken cancellationToken)
    {
        try
        {
            await using var system = SystemConnection.Find(dataDir, "dataset verify");
            if (system is null)
                return;
            var result = OutputJson.Write(new { Sound = found.IsSound, quick, found.Shards, found.Samples, found.Bytes, found.DamageCount });
            if (await new DatasetStore(system.Database).VerifiedAsync(new(dataset.Store.Root, dataset.ManifestSha256), result, cancellationToken))
                terminal.Say("Noted with the data set's record; 'changedetection dataset list' shows it.");
        }
        catch (Exception exception) when (exception is NpgsqlException or SettingsException or DataFolderException)
        {
            terminal.Warn($"The result was not noted with the data set's record: {DatabaseProblem.Describe(exception)}.");
        }
    }

    private static void Report(Terminal terminal, ShardDataset dataset, DatasetVerification found, bool json)
    {
        if (json)
        {
            terminal.Json(new
            {
                dataset.Manifest.Name,
                Uri = dataset.Store.Root,
                Sound = found.IsSound,
                found.Shards,
                found.Samples,
                found.Bytes,
                found.DamageCount,
                found.Damages,
            });
            return;
        }
        foreach (var damage in found.Damages)
            terminal.Result(damage.ToString());
        if (found.DamageCount > found.Damages.Count)
            terminal.Result(string.Create(CultureInfo.InvariantCulture, $"and {found.DamageCount - found.Damages.Count} more damages"));
        var verdict = found.IsSound ? "all sound" : $"{found.DamageCount} damaged";
        terminal.Result(
            string.Create(
            CultureInfo.InvariantCulture,
            $"{dataset.Manifest.Name}: {found.Samples} samples in {found.Shards} shards, {found.Bytes} bytes: {verdict}"));
    }

    /// <summary>A verification is one phase, whichever shard it is at.</summary>
    private sealed class Bytes(IProgress<WorkDone> progress) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => progress.Report(new("verifying", value.Done, value.Total));
    }
}
