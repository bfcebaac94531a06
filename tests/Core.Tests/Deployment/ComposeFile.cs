using System.Text.RegularExpressions;
using ChangeDetection.TestKit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace ChangeDetection.Core.Tests.Deployment;

/// <summary><c>deploy/compose.yaml</c> as Docker Compose reads it: anchors and merge keys resolved, variables at their defaults.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<object, object> _document;

    private ComposeFile(string text)
    {
        Text = text;
        Variables = [.. Variable().Matches(text).Select(match => match.Groups["name"].Value).Distinct()];
        var filled = Variable().Replace(text, match => match.Groups["default"].Value);
        var parser = new MergingParser(new Parser(new StringReader(filled)));
        _document = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(parser);
    }

    public static string Folder => Path.Combine(Repository.Root, "deploy");

    public string Text { get; }

    /// <summary>Names of the variables that a person may set.</summary>
    public IReadOnlyList<string> Variables { get; }

    public IReadOnlyDictionary<string, ComposeService> Services => Map(_document["services"]).ToDictionary(
        pair => (string)pair.Key, pair => new ComposeService((string)pair.Key, Map(pair.Value)));

    /// <summary>The file of each secret, by its name.</summary>
    public IReadOnlyDictionary<string, string> Secrets => Map(_document["secrets"]).ToDictionary(
        pair => (string)pair.Key, pair => (string)Map(pair.Value)["file"]);

    public IReadOnlyList<string> Volumes => [.. Map(_document["volumes"]).Keys.Cast<string>()];

    public IReadOnlyDictionary<string, bool> NetworksThatAreInternal => Map(_document["networks"]).ToDictionary(
        pair => (string)pair.Key, pair => pair.Value is Dictionary<object, object> network && network.GetValueOrDefault("internal") is "true");

    public static ComposeFile Read() => new(File.ReadAllText(Path.Combine(Folder, "compose.yaml")));

    internal static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;

    /// <summary>Two dollars are one, and begin no variable.</summary>
    [GeneratedRegex(@"(?<!\$)\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>[^}]*))?\}")]
    private static partial Regex Variable();
}

/// <summary>One service of the file.</summary>
internal sealed class ComposeService(string name, Dictionary<object, object> keys)
{
    public string Name => name;

    /// <summary>The stage of our Dockerfile; null for an image of somebody else.</summary>
    public string? Target => keys.TryGetValue("build", out var build) ? (string)ComposeFile.Map(build)["target"] : null;

    public string? BuildFile => keys.TryGetValue("build", out var build)
        ? Path.GetFullPath(Path.Combine(ComposeFile.Folder, (string)ComposeFile.Map(build)["context"], (string)ComposeFile.Map(build)["dockerfile"])) : null;

    public IReadOnlyDictionary<string, string> Environment => keys.TryGetValue("environment", out var all)
        ? ComposeFile.Map(all).ToDictionary(pair => (string)pair.Key, pair => $"{pair.Value}") : new Dictionary<string, string>();

    public IReadOnlyList<string> Secrets => Texts("secrets");
    public IReadOnlyList<string> Volumes => Texts("volumes");
    public IReadOnlyList<string> Networks => Texts("networks");
    public IReadOnlyList<string> Ports => Texts("ports");
    public IReadOnlyList<string> Tmpfs => Texts("tmpfs");
    public IReadOnlyList<string> DroppedCapabilities => Texts("cap_drop");
    public IReadOnlyList<string> SecurityOptions => Texts("security_opt");
    public bool IsReadOnly => keys.GetValueOrDefault("read_only") is "true";
    public bool HasHealthCheck => keys.ContainsKey("healthcheck");
    public string? NetworkMode => keys.GetValueOrDefault("network_mode") as string;

    /// <summary>What each service that it waits for must have come to.</summary>
    public IReadOnlyDictionary<string, string> After => keys.TryGetValue("depends_on", out var others)
        ? ComposeFile.Map(others).ToDictionary(pair => (string)pair.Key, pair => (string)ComposeFile.Map(pair.Value)["condition"])
        : new Dictionary<string, string>();

    private IReadOnlyList<string> Texts(string key) => keys.TryGetValue(key, out var list) ? [.. ((List<object>)list).Cast<string>()] : [];
}
