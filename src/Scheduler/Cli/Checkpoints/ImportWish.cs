using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Core.Planning;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>
/// What is to be imported: by the options, and where they say nothing by what the file says of itself, by the manifest beside it, or by known runs with its
/// weights. Nothing is assumed: a wrong normalisation still gives a score, only a worse one.
/// </summary>
internal static class ImportWish
{
    /// <param name="known">Checkpoints of this system with these weights.</param>
    /// <exception cref="CommandException">It contradicts the file, or network or normalisation are told by nothing.</exception>
    public static ImportRequest Of(
        Terminal terminal, string path, VerifiedFile file, IReadOnlyList<KnownWeights> known, string? model, int? channels, string? normalize,
        IReadOnlyList<string> set)
    {
        if (file.Contents.Meaning is { } own && (model ?? own.Network.Name, channels ?? own.Network.Channels) != (own.Network.Name, own.Network.Channels))
            throw new CommandException(
                $"{path}: the file says that it is of {own.Network.Name} with {own.Network.Channels} channels per date, and the options say another. Leave " +
                "--model and --channels out.");
        var said = Said(file, known);
        if (said is not null && (model is not null && model != said.Network.Name || channels is not null && channels != said.Network.Channels))
            said = null;
        var name = model ?? said?.Network.Name;
        var chosen = normalize ?? said?.Normalization.ToFigures()?.ToString();
        string[] missing =
        [
            .. name is null ? [$"--model is missing, and nothing tells which network the weights of {path} are of. 'changedetection model list' shows them."]
                : ModelNames.All.Contains(name) ? Array.Empty<string>()
                : [$"--model: there is no network '{name}'. {NearestName.Suggest(name, ModelNames.All) ?? $"There are {string.Join(", ", ModelNames.All)}."}"],
            .. chosen is null ? [Unsaid(path, name, known)] : Array.Empty<string>(),
        ];
        if (name is null || chosen is null || missing.Length > 0)
            throw new CommandException(string.Join('\n', missing));
        if (said is not null && normalize is null)
            terminal.Say($"{path}: {name}, normalize {said.Normalization}, as {Source(file, known)} says");
        return new ImportRequest(Path.GetFileName(path), name, channels ?? said?.Network.Channels ?? ModelSummary.Channels, chosen, set) { Meaning = said };
    }

    private static WeightsMeaning? Said(VerifiedFile file, IReadOnlyList<KnownWeights> known) =>
        file.Contents.Meaning ?? (file.Manifest is { } manifest ? WeightsMeaning.Of(manifest, config: null) : KnownWeights.Only(known)?.Meaning);

    private static string Source(VerifiedFile file, IReadOnlyList<KnownWeights> known) => file.Contents.Meaning is not null ? "the file"
        : file.Manifest is not null ? $"the {CheckpointManifest.FileName} beside it"
        : $"run {known[0].Run}, which has these weights,";

    private static string Unsaid(string path, string? model, IReadOnlyList<KnownWeights> known)
    {
        var published = ModelNames.Summaries.FirstOrDefault(one => one.Name == model)?.PublishedNormalization;
        return
            $"--normalize is missing, and {path} does not say how images become the input of its weights; another way than that of their training still " +
            $"scores, only worse. Say {ImportPlanner.NormalizeForms}."
            + (published is null ? "" : $" Weights of {model}'s authors want --normalize {published}.")
            + (known.Count == 0 ? "" : $" Known runs with these weights: {KnownWeights.Told(known)}.");
    }
}
