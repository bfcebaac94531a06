using System.CommandLine;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Splitting;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary>The options by which a user says which pair goes into which split.</summary>
internal sealed class SplitArguments
{
    private readonly Option<string[]> _splits = new("--split")
    {
        DefaultValueFactory = _ => [],
        Description =
            $"Which pairs go into a split, again for each: by a share, {SplitShare.Syntax}; or by a pattern, {SplitRule.Syntax}.\n{PathPattern.Language}",
    };

    private readonly Option<int?> _folds = new("--folds")
    {
        Description =
            $"Divide all pairs among {FoldNames.Of(0)}, {FoldNames.Of(1)}, … for cross-validation (dataset.fold in a config), but for those that --split " +
            "gives to test",
    };

    private readonly Option<string?> _group = new("--group")
    {
        Description =
            $"What stays together in one split or fold, such as the tiles of a scene: {GroupPattern.Syntax}. {{place}} takes as little as it can",
    };

    private readonly Option<long?> _seed = new("--split-seed") { Description = "Another number divides otherwise (default: 0)" };

    public void AddTo(Command command)
    {
        command.Add(_splits);
        command.Add(_folds);
        command.Add(_group);
        command.Add(_seed);
    }

    /// <exception cref="PackRequestException">A text is neither share nor pattern, or two options contradict each other.</exception>
    public (IReadOnlyList<SplitRule> Patterns, SplitShares? Shares) Of(ParseResult parsed)
    {
        var texts = parsed.GetValue(_splits)!.ToLookup(SplitShare.IsMeant);
        var shares = DatasetArguments.ParseAll([.. texts[true]], SplitShare.Parse).SelectMany(some => some).ToList();
        var patterns = DatasetArguments.ParseAll([.. texts[false]], SplitRule.Parse);
        var group = parsed.GetValue(_group) is { } text ? GroupPattern.Parse(text) : null;
        return (patterns, SplitShares.Create(
            shares, [.. patterns.Select(rule => rule.Split)], parsed.GetValue(_folds), group, parsed.GetValue(_seed)));
    }
}
