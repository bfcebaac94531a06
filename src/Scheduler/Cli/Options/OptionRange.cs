using System.CommandLine;
using System.Globalization;

namespace ChangeDetection.Scheduler.Cli.Options;

/// <summary>Bounds of options that take a whole number.</summary>
internal static class OptionRange
{
    public static Option<T> Within<T>(this Option<T> option, int least, int largest)
    {
        option.Validators.Add(result =>
        {
            // By the text: a value that is no number at all is told by the parser, and asking for it here would throw.
            if (result.Tokens is [var token] && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && (value < least || value > largest))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be from {least} to {largest}."));
        });
        return option;
    }
}
