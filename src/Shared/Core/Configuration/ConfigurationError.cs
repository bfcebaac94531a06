using System.Text;

namespace ChangeDetection.Core.Configuration;

/// <summary>One broken rule, with its place.</summary>
/// <param name="Source">The file's name as the user gave it, or the option, such as <c>--set train.epochs=0</c>.</param>
/// <param name="Line">From 1; null where there is no line (an option, an unreadable file).</param>
/// <param name="Column">From 1, in characters; null where there is no line.</param>
/// <param name="Path">The key, such as <c>train.epochs</c>; empty for the document as a whole.</param>
/// <param name="Message">The broken rule and the value that broke it, without a full stop.</param>
/// <param name="Suggestion">What to write instead, a whole sentence; null when the rule already says it.</param>
public sealed record ConfigurationError(string Source, int? Line, int? Column, string Path, string Message, string? Suggestion = null)
{
    /// <summary><c>FILE:LINE:COLUMN key.path: message. Suggestion</c>, on one line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Source);
        if (Line is { } line)
            text.Append(':').Append(line).Append(':').Append(Column ?? 1);
        text.Append(Line is null ? ": " : " ");
        if (Path.Length > 0)
            text.Append(Path).Append(": ");
        text.Append(Message).Append('.');
        if (Suggestion is not null)
            text.Append(' ').Append(Suggestion);
        return text.ToString();
    }
}
