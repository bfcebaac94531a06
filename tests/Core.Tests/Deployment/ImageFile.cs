using System.Text.RegularExpressions;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Deployment;

/// <summary><c>deploy/Dockerfile</c>, by stages.</summary>
internal sealed partial class ImageFile
{
    private ImageFile(IReadOnlyDictionary<string, ImageStage> stages) => Stages = stages;

    public static string Location => Path.Combine(Repository.Root, "deploy", "Dockerfile");

    public IReadOnlyDictionary<string, ImageStage> Stages { get; }

    /// <summary>Each stage with what it has from the one that it stands on.</summary>
    public static ImageFile Read()
    {
        var stages = new Dictionary<string, ImageStage>();
        // A line that ends in a backslash goes on; comments begin a line of their own.
        var lines = Continued().Replace(Comment().Replace(File.ReadAllText(Location), ""), " ").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ImageStage? stage = null;
        foreach (var line in lines)
        {
            if (From().Match(line) is { Success: true } from)
                stages[from.Groups["name"].Value] = stage = new ImageStage([.. stages.GetValueOrDefault(from.Groups["base"].Value)?.Lines ?? []]);
            else
                stage?.Lines.Add(line.Trim());
        }
        return new ImageFile(stages);
    }

    [GeneratedRegex(@"^FROM (?<base>\S+) AS (?<name>\S+)$")]
    private static partial Regex From();

    [GeneratedRegex(@"^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();
}

/// <summary>The instructions of a stage.</summary>
internal sealed record ImageStage(List<string> Lines)
{
    public bool HasHealthCheck => Lines.Exists(line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal));

    /// <summary>The last account that it names.</summary>
    public string? User => Lines.LastOrDefault(line => line.StartsWith("USER ", StringComparison.Ordinal))?["USER ".Length..];

    public string? Entrypoint => Lines.LastOrDefault(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))?["ENTRYPOINT ".Length..];

    public IEnumerable<string> Variables => Lines.Where(line => line.StartsWith("ENV ", StringComparison.Ordinal))
        .SelectMany(line => line["ENV ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(pair => pair.Split('=')[0]);

    /// <summary>What it takes from the build context.</summary>
    public IEnumerable<string> Taken => Lines
        .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from=", StringComparison.Ordinal))
        .Select(line => line.Split(' ')[1]);
}
