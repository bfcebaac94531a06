using System.Text;

namespace ChangeDetection.Core.Configuration.Parameters;

/// <summary>
/// A rule <c>OLD=NEW</c> for names of parameters: a name that begins with OLD (<see cref="ParameterPattern"/>) begins with NEW instead. What a <c>*</c> of OLD
/// stands for goes into the same place of NEW. <c>features=_backbone</c>; <c>enc_*=*</c>; <c>encoder=</c> takes a part off, and <c>=decoder</c> puts one on.
/// </summary>
public sealed class ParameterRename
{
    public const string Form =
        "OLD=NEW: names that begin with OLD, up to a dot or to their end, begin with NEW instead; each * of OLD, any characters but a dot, has its * in NEW " +
        "(features=_backbone, enc_*=*, encoder=)";

    /// <summary>The form as a regular expression; that both sides have as many stars, it cannot say.</summary>
    internal const string Pattern = @"[^\x00-\x20\x7f=]{0,200}=[^\x00-\x20\x7f=]{0,200}";

    private readonly ParameterPattern _old;
    private readonly string[] _new;

    private ParameterRename(string text, string old, string replacement) =>
        (Text, _old, _new) = (text, new ParameterPattern(old), replacement.TrimEnd('.').Split('*'));

    /// <summary>The rule as it was written.</summary>
    public string Text { get; }

    /// <returns>Null where the text is not of the form.</returns>
    public static ParameterRename? TryParse(string text)
    {
        if (text.Length < 2 || text.Any(character => char.IsControl(character) || character == ' ') || text.Split('=') is not [var old, var replacement])
            return null;
        var rename = new ParameterRename(text, old, replacement);
        return rename._old.Stars == rename._new.Length - 1 ? rename : null;
    }

    /// <summary>The name by this rule; null where it does not begin with OLD, or nothing would be left of it.</summary>
    public string? Apply(string name)
    {
        if (_old.Match(name) is not (var stars, var rest))
            return null;
        var start = new StringBuilder(_new[0]);
        for (var star = 0; star < stars.Count; star++)
            start.Append(stars[star]).Append(_new[star + 1]);
        var renamed = start.Length == 0 ? rest.TrimStart('.')
            : rest.Length == 0 || rest[0] == '.' ? $"{start}{rest}"
            : $"{start}.{rest}";
        return renamed.Length == 0 ? null : renamed;
    }
}
