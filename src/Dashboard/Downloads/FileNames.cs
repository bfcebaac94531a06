namespace ChangeDetection.Dashboard.Downloads;

/// <summary>Names for downloaded files.</summary>
public static class FileNames
{
    private const int MaxLength = 80;

    /// <summary>A name as every file system takes it: ASCII letters, digits, <c>. _ -</c>; never empty, never hidden.</summary>
    public static string Of(string name)
    {
        var safe = string.Concat(name.Take(MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).Trim('.', '-');
        return safe is "" ? "run" : safe;
    }
}
