using System.CommandLine;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>The arguments of <c>predict</c> that name many pairs.</summary>
internal sealed class BatchArguments
{
    private readonly Argument<string?> _source = new("SOURCE")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Many pairs: a folder, laid out as --layout says.",
    };

    private readonly Option<string?> _layout = new("--layout")
    {
        Description = $"How SOURCE is laid out: {string.Join(", ", DatasetLayouts.All.Select(layout => layout.Name))}. Masks are not needed of a pair.",
    };

    private readonly Option<string?> _dataset = new("--dataset")
    {
        Description = "Many pairs: a packed data set, a folder or file:///folder, s3://bucket/prefix, ….",
    };

    private readonly Option<string?> _split = new("--split")
    {
        Description = "Of --dataset: the split, whose samples are predicted. Of SOURCE: the layout's split (default: all pairs).",
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_source);
        foreach (var option in (Option[])[_layout, _dataset, _split])
            command.Options.Add(option);
    }

    public bool IsGiven(ParseResult parsed) =>
        parsed.GetValue(_source) is not null || new[] { _layout, _dataset, _split }.Any(option => parsed.GetValue(option) is not null);

    /// <exception cref="CommandException">It is not said which pairs, or said twice; or there are none.</exception>
    public async Task<IBatchInput> OfAsync(ParseResult parsed, ImageArguments images, PredictSettings settings, CancellationToken cancellationToken)
    {
        var (source, layout, dataset, split) = (parsed.GetValue(_source), parsed.GetValue(_layout), parsed.GetValue(_dataset), parsed.GetValue(_split));
        if (images.NamesFiles(parsed) || source is not null && dataset is not null)
            throw new CommandException(
                "Either one pair (--before, --after), or all of a folder (SOURCE --layout), or a split of a data set (--dataset, --split): more than one is " +
                "named. Nothing was queued.");
        if (dataset is null)
        {
            if (source is null || layout is null)
            {
                var swallowed = new[] { settings.Probability, settings.Polygons, settings.Overlay }.FirstOrDefault(file => Directory.Exists(file.Path));
                throw new CommandException(
                    $"{(source is null ? "SOURCE is missing: the folder of the pairs" : "--layout is missing: how SOURCE is laid out")}" +
                    $"{(swallowed is null ? "" : $" ('{swallowed.Path}' was taken for the value of {swallowed.Option}; name SOURCE first)")}. " +
                    "A split of a data set is named by --dataset and --split. Nothing was queued.");
            }
            return SourceBatch.Find(DatasetLayouts.Find(layout), source, split, images.Pairs(parsed));
        }
        if (layout is not null || split is null)
            throw new CommandException(
                $"{(split is null ? "--split is missing: the split of the data set to predict on" : "--layout is of SOURCE, and a data set is packed")}. " +
                "Nothing was queued.");
        return new DatasetBatch(
            await ShardDataset.OpenAsync(DatasetArguments.Open(dataset), cancellationToken), split, images.RescalingOfSamples(parsed));
    }
}
