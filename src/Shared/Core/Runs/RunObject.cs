using System.Globalization;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// What an attempt stores, or is given, and where. The attempt in every key is the fence of the store: no two attempts ever write the same object, and of
/// an object that no row refers to it says whether anybody can still be about to publish it.
/// </summary>
/// <param name="Prefix">What a row refers to: the prefix of a checkpoint's objects, or the one key of anything else.</param>
public sealed partial record RunObject(Guid Run, int Attempt, string Prefix)
{
    /// <summary>Everything that attempts store is below it.</summary>
    public const string Root = "runs/";

    /// <summary>What the prefixes of a run's checkpoints begin with.</summary>
    public static string Checkpoints(Guid run) => $"{Root}{run}/checkpoints/";

    /// <summary>The prefix of a checkpoint's objects.</summary>
    public static ObjectKey Checkpoint(Guid run, long step, int attempt) => new($"{Checkpoints(run)}{step:D9}-a{attempt}");

    /// <summary>The key of a sample's picture.</summary>
    public static ObjectKey Picture(Guid run, string name, int attempt) => new($"{Root}{run}/pictures/{name}-a{attempt}.png");

    /// <summary>The names of an evaluation's report among its run's files: for people, and for programs.</summary>
    public const string ReportPage = "report.html";
    /// <inheritdoc cref="ReportPage"/>
    public const string ReportJson = "report.json";

    /// <summary>The key of a report, which keeps its extension.</summary>
    public static ObjectKey Report(Guid run, string name, int attempt) =>
        new($"{Root}{run}/reports/{Path.GetFileNameWithoutExtension(name)}-a{attempt}{Path.GetExtension(name)}");

    /// <summary>
    /// The key of a file that a run is queued with, put there before its first attempt: hence the attempt 0. It stays until the run has ended.
    /// </summary>
    public static ObjectKey Upload(Guid run, string file) => new($"{Root}{run}/upload-a0/{file}");

    /// <summary>The key of an image that a predict run was given: put there before its first attempt, as if by attempt 0.</summary>
    public static ObjectKey Input(Guid run, string name) => new($"{Root}{run}/inputs/{name}-a0.image");

    /// <summary>The key of a strip of a prediction.</summary>
    public static ObjectKey Strip(Guid run, int strip, int attempt) => new($"{Root}{run}/strips/{strip:D6}-a{attempt}.strip");

    /// <summary>The key of a file that a run was queued to make.</summary>
    /// <param name="name">Its name and extension.</param>
    public static ObjectKey Output(Guid run, string name, int attempt) =>
        new($"{Root}{run}/outputs/{Path.GetFileNameWithoutExtension(name)}-a{attempt}{Path.GetExtension(name)}");

    /// <summary>Reads a key back; null for one that no attempt of ours has written.</summary>
    public static RunObject? Parse(ObjectKey key)
    {
        var match = Form().Match(key.Value);
        return match.Success
            && Guid.TryParseExact(match.Groups["run"].Value, "D", out var run)
            && int.TryParse(match.Groups["attempt"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            ? new RunObject(run, attempt, match.Groups["prefix"].Value)
            : null;
    }

    [GeneratedRegex(
        "^(?<prefix>runs/(?<run>[0-9a-f-]{36})/(?:" +
        "checkpoints/[0-9]+-a(?<attempt>[0-9]+)(?=/[^/]+$)|" +
        "upload-a(?<attempt>0)(?=/[^/]+$)|" +
        @"(?:pictures|reports|inputs|strips|outputs)/[^/]+-a(?<attempt>[0-9]+)\.[a-z]+$))",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
