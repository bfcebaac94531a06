using System.Globalization;

namespace ChangeDetection.Bench;

/// <summary><c>--name value</c> pairs of a benchmark's command line.</summary>
internal sealed class Options(string[] arguments)
{
    public int Int(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public string? Text(string name)
    {
        var at = Array.IndexOf(arguments, $"--{name}");
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
