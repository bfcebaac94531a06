using System.CommandLine;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Core.Runs.Usage;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Upkeep;

/// <summary><c>storage</c>: what the system takes, by experiment and by kind, and what of it could go.</summary>
internal static class StorageCommand
{
    private const string CacheFolderVariable = "CHANGEDETECTION_CACHE__FOLDER";

    /// <summary>Experiments and tables that are printed; <c>--json</c> has all.</summary>
    private const int MostExperiments = 20, MostTables = 8;

    public static Command Create(Terminal terminal)
    {
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("storage", "Say what the system takes, by experiment and by kind, and what of it could go.")
        {
            dataDir, json, StorageVerifyCommand.Create(terminal),
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "storage", cancellationToken);
            var sizes = new OptimizerSizes(system.Database);
            if (!await sizes.AreKnownAsync(cancellationToken))
            {
                terminal.Say("Rows of before this version do not know every size: the store is listed, once.");
                await sizes.LearnAsync(ObjectStores.Open(system.Store), cancellationToken);
            }
            var usage = await new StorageUsageReader(system.Database).ReadAsync(cancellationToken);
            var folder = SystemSettings.Read(parsed.GetValue(dataDir)).Folder;
            var cache = FolderUsage.Of(Environment.GetEnvironmentVariable(CacheFolderVariable) is { Length: > 0 } named ? named : folder.Cache);
            var logs = FolderUsage.Of(folder.Logs);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(View(system.Store, usage, cache, logs)));
            else
                Print(terminal, system.Store, usage, cache, logs);
            return ExitCode.Done;
        });
        return command;
    }

    private static object View(Uri store, StorageUsage usage, FolderUsage? cache, FolderUsage? logs) => new
    {
        Store = new { Uri = store, usage.Bytes, Kinds = StoredKinds.All.ToDictionary(kind => kind, kind => usage.Kinds.GetValueOrDefault(kind)) },
        Database = new { Bytes = usage.DatabaseBytes, usage.Tables },
        Machine = new { Cache = cache, Logs = logs },
        usage.Experiments,
        usage.CouldGo,
    };

    private static void Print(Terminal terminal, Uri store, StorageUsage usage, FolderUsage? cache, FolderUsage? logs)
    {
        terminal.Result($"store {(store.IsFile ? store.LocalPath : store)}: {ByteSize.Short(usage.Bytes)}");
        foreach (var kind in StoredKinds.All.Where(kind => usage.Kinds.GetValueOrDefault(kind) > 0))
            terminal.Result($"  {kind,-14}{ByteSize.Short(usage.Kinds[kind]),12}");
        terminal.Result($"database: {ByteSize.Short(usage.DatabaseBytes)}");
        foreach (var table in usage.Tables.Take(MostTables))
            terminal.Result($"  {table.Name,-14}{ByteSize.Short(table.Bytes),12}  about {table.Rows} rows");
        foreach (var (name, folder) in new[] { ("shard cache", cache), ("log files", logs) })
        {
            if (folder is not null)
                terminal.Result($"{name} of this machine: {ByteSize.Short(folder.Bytes)} in {folder.Path}");
        }
        terminal.Result("");
        PrintExperiments(terminal, usage);
        terminal.Result(usage.CouldGo.Count > 0 ? "could go:" : "Nothing could go but what is wanted.");
        foreach (var one in usage.CouldGo)
            terminal.Result($"  {ByteSize.Short(one.Bytes),10}  {one.What}: {one.Command}");
    }

    private static void PrintExperiments(Terminal terminal, StorageUsage usage)
    {
        var table = new TextTable(
            new("Experiment"), new("Name", Least: 12), new("Runs", Rank: 2, IsNumber: true), new("Store", IsNumber: true),
            new("Weights", Rank: 3, IsNumber: true), new("Optimizer", Rank: 4, IsNumber: true), new("Unreferenced", Rank: 6, IsNumber: true),
            new("Other", Rank: 7, IsNumber: true), new("Rows", Rank: 5, IsNumber: true), new("Archiving frees", Rank: 1, IsNumber: true));
        foreach (var one in usage.Experiments.Take(MostExperiments))
        {
            var (weights, optimizer, unreferenced) = (Of(one, StoredKinds.Weights), Of(one, StoredKinds.Optimizer), Of(one, StoredKinds.Unreferenced));
            table.Add(
                one.Id?.ToString() ?? "–", one.Archived ? $"{one.Name} (archived)" : one.Name, $"{one.Runs}", ByteSize.Short(one.Bytes),
                ByteSize.Short(weights), ByteSize.Short(optimizer), ByteSize.Short(unreferenced),
                ByteSize.Short(one.Bytes - weights - optimizer - unreferenced), $"≈ {ByteSize.Short(one.DatabaseBytes)}",
                one.ArchiveFrees > 0 ? ByteSize.Short(one.ArchiveFrees) : "");
        }
        terminal.Write(table);
        if (usage.Experiments.Count > MostExperiments)
            terminal.Result($"… and {usage.Experiments.Count - MostExperiments} experiments that take less; --json has all.");
        terminal.Result("");
    }

    private static long Of(ExperimentUsage experiment, string kind) => experiment.Kinds.GetValueOrDefault(kind);
}
