using System.Text;

namespace ChangeDetection.Weights.Tensors;

/// <summary>A name out of a file of unknown origin, for a message: short and without control characters.</summary>
public static class QuotedName
{
    private const int MaxLength = 80;

    public static string Of(string name) => $"'{Plain(name)}'";

    /// <summary>Without the quotation marks.</summary>
    public static string Plain(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.Length > MaxLength ? name[..MaxLength] + "…" : name)
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        return text.ToString();
    }
}
