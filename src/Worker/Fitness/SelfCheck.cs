using ChangeDetection.Core.Health;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Check;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Fitness;

/// <summary>
/// The checks of a worker, as <c>changedetection doctor</c> makes them: of what every run needs (the store, the scratch folder), and of each device;
/// and of the data sets that a run could not be given.
/// </summary>
public sealed class SelfCheck(WorkerSettings settings, TrainerCommand command, TimeProvider time)
{
    /// <summary>The subject of the check of what every slot needs; the others are devices.</summary>
    public const string Machine = "machine";

    private const string Dataset = "data set ";
    private const string ScratchName = "scratch folder";
    private const string ScratchRemedy = $"Make room, or name another folder by {ScratchFolder.Variable}.";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>The subject of the check of a data set.</summary>
    public static string OfDataset(Uri dataset) => Dataset + dataset.AbsoluteUri;

    public static bool IsDataset(string subject) => subject.StartsWith(Dataset, StringComparison.Ordinal);

    /// <param name="subject"><see cref="Machine"/>, a device (<see cref="DeviceOf"/>) or a data set (<see cref="OfDataset"/>).</param>
    /// <param name="slot">A slot of the device.</param>
    /// <returns>What is wrong and what to do, in one line; null: nothing is wrong.</returns>
    public async Task<string?> TroubleAsync(string subject, Slot slot, CancellationToken cancellationToken)
    {
        if (IsDataset(subject))
            return Trouble(await DatasetAsync(subject, new Uri(subject[Dataset.Length..]), cancellationToken));
        if (subject != Machine)
            return Trouble(await DeviceHealth.CheckAsync(command, slot, time, cancellationToken));
        return Trouble(await StoreHealth.CheckAsync(settings.Store, time, cancellationToken)) ?? Trouble(await BoundedCheck.RunAsync(
            ScratchName, s_limit, _ => Task.FromResult(DiskHealth.Check(ScratchName, ScratchFolder.Path, ScratchRemedy)), time, cancellationToken));
    }

    public static string DeviceOf(Slot slot) => DeviceHealth.DeviceOf(slot);

    /// <summary>Whether its manifest can be read from here; what it says is not looked at.</summary>
    private Task<HealthFinding> DatasetAsync(string name, Uri uri, CancellationToken cancellationToken) =>
        BoundedCheck.RunAsync(name, s_limit, async token =>
        {
            try
            {
                var bytes = await ObjectStores.Open(uri).LengthAsync(new ObjectKey(DatasetManifest.FileName), token);
                return bytes is null ? Unseen("there is no dataset.json.") : HealthFinding.Good(name, $"{uri}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return Unseen($"{exception.Message.TrimEnd('.')}.");
            }

            HealthFinding Unseen(string why) => HealthFinding.Failure(
                name, $"{uri}", $"{Environment.MachineName} cannot see it: {why}", "Mount it there, or give that worker its credentials.");
        }, time, cancellationToken);

    private static string? Trouble(HealthFinding finding) => finding.State is HealthState.Failed ? finding.Trouble.ReplaceLineEndings(" ") : null;
}
