namespace ChangeDetection.Core.Configuration;

/// <summary>Makes names as <see cref="ExperimentConfig.Name"/> takes them.</summary>
public static class ExperimentName
{
    private const int MaxLength = 80;

    /// <summary>The words with spaces between them. Other characters become hyphens, and what is too long is cut.</summary>
    public static string Of(params IEnumerable<string> words)
    {
        var whole = string.Concat(string.Join(' ', words).Select(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or '_' or '-' ? c : '-'))
            .Trim(' ', '.', '_', '-');
        var name = whole[..Math.Min(whole.Length, MaxLength)].TrimEnd(' ', '.', '_', '-');
        return name is "" ? "unnamed" : name;
    }
}
