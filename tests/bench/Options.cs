using System.Globalization;

namespace ChangeDetection.Bench;

/// <summary><c>--name number</c> pairs of a benchmark's command line.</summary>
internal sealed class Options(string[] arguments)
{
    public int Int(string name, int otherwise)
    {
        var at = Array.IndexOf(arguments, $"--{name}");
        return at >= 0 && at + 1 < arguments.Length ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }
}
