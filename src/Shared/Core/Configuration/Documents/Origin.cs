namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>Where a value was written: a place in a file, or an option of the command line (no line).</summary>
internal sealed record Origin(string Source, int? Line = null, int? Column = null)
{
    public override string ToString() => Line is null ? Source : $"line {Line}";
}
