using System.IO.Enumeration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>One <c>--split NAME=PATTERN</c> of <c>dataset index</c>: the tars of a split, by their file names.</summary>
/// <param name="Pattern">A file name, with <c>*</c> and <c>?</c>.</param>
public sealed record ShardSplitRule(string Split, string Pattern)
{
    public const string Syntax = "NAME=PATTERN, such as train=train-*.tar";

    /// <exception cref="PackRequestException">The text is not of this form.</exception>
    public static ShardSplitRule Parse(string text)
    {
        if (text.Split('=', 2) is not [var name, { Length: > 0 } pattern])
            throw new PackRequestException($"--split '{text}' is not of the form {Syntax}.");
        return DatasetManifestRules.NameViolation(name) is { } rule
            ? throw new PackRequestException($"--split '{text}': the name of a split {rule}. The form is {Syntax}.")
            : new(name, pattern);
    }

    public bool Matches(string file) => FileSystemName.MatchesSimpleExpression(Pattern, file, ignoreCase: false);
}
