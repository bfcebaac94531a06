using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary>The options by which a user says what masks mean, the same wherever masks are read.</summary>
internal sealed class MaskArguments
{
    private readonly Option<string?> _change = new("--mask-change")
    {
        Description =
            $"Which values of the masks are change: {MaskRule.Form}; without it only masks of 0/1 or 0/255 are taken, and those whose layout says what " +
            "they mean",
    };

    private readonly Option<string[]> _classes = new("--class")
    {
        DefaultValueFactory = _ => [],
        Description = $"A class of the masks, again for each: {ClassRule.Syntax}",
    };

    private readonly Option<string?> _ignore = new("--mask-ignore")
    {
        Description = "Which values of the masks are unlabelled pixels, which count nowhere: as --mask-change, or none",
    };

    private readonly Option<int?> _band = new Option<int?>("--mask-band")
    {
        Description = "Which channel of the masks is read, from 1, where they have several unlike ones",
    };

    public MaskArguments() => _band.Validators.Add(result =>
    {
        if (result.GetValue(_band) is < 1)
            result.AddError("--mask-band counts channels from 1.");
    });

    public void AddTo(Command command)
    {
        command.Add(_change);
        command.Add(_classes);
        command.Add(_ignore);
        command.Add(_band);
    }

    /// <exception cref="ChangeDetection.Datasets.Layouts.PackRequestException">A text is no rule, or two contradict each other.</exception>
    public MaskOptions Of(ParseResult parsed) => MaskOptions.Parse(
        parsed.GetValue(_change), DatasetArguments.ParseAll(parsed.GetValue(_classes)!, ClassRule.Parse), parsed.GetValue(_ignore), parsed.GetValue(_band));
}
