using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Scheduler.Cli.Errors;

namespace ChangeDetection.Scheduler.Cli.Options;

/// <summary><c>--rescale LOW..HIGH=LOW..HIGH</c>, of the verbs that show a network other images than those it was trained on.</summary>
internal static class RescaleOption
{
    /// <param name="whose">Values that are mapped.</param>
    public static Option<string?> Create(string whose) => new("--rescale")
    {
        Description = $"What {whose} values are in those of the training: {ValueRescaling.Form}. Without it they are the same.",
    };

    /// <exception cref="CommandException">It is of another form.</exception>
    public static ValueRescaling? Of(string? text) => text is null ? null : ValueRescaling.TryParse(text)
        ?? throw new CommandException($"--rescale is '{text}'; it is {ValueRescaling.Form}. Nothing was queued.");
}
