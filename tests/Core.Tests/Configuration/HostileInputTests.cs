using System.Diagnostics;
using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary>No text runs code, overflows the stack, or takes more time or memory than its size allows.</summary>
public sealed class HostileInputTests
{
    /// <summary>Each takes well below a second; what this guards against would take minutes, or the process. Wide for a busy machine.</summary>
    private static readonly TimeSpan s_quickly = TimeSpan.FromSeconds(15);

    private static readonly Dictionary<string, string> s_documents = new()
    {
        { "100,000 lists", new string('[', 100_000) },
        { "1,000,000 mappings", new string('{', 1_000_000) },
        { "100,000 block lists", Repeat("- ", 100_000) },
        { "100,000 complex keys", Repeat("? ", 100_000) },
        { "lists in keys", "name: x\n" + Repeat("[a: ", 100_000) },
        { "33 levels", "name: " + new string('[', 33) + new string(']', 33) },
        { "list as key", "name: x\n? [a]\n: b" },
        { "alias bomb", AliasBomb() },
        { "alias of itself", "a: &a [*a]" },
        { "merge key", "base: &b { seed: 1 }\n<<: *b" },
        { "tag", "name: !!python/object/apply:os.system ['true']\ndataset: { uri: /d }" },
        { "duplicate key", "name: x\nname: y\ndataset: { uri: /d }" },
        { "two documents", "name: x\ndataset: { uri: /d }\n---\nname: y" },
        { "NUL hides the rest", "name: x\ndataset: { uri: /d }\n\0nonsense: 1" },
        { "50 MB scalar", "name: " + new string('a', 50_000_000) },
        { "1 MB scalar", "name: " + new string('a', 1_000_000) },
        { "1 MB key", new string('a', 1_000_000) + ": 1" },
        { "1 MB of quoted spaces", "name: \"" + new string(' ', 1_000_000) + "\"" },
        { "100,000 unknown keys", string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}: 1\n")) },
        { "9,000 unknown keys", string.Concat(Enumerable.Range(0, 9_000).Select(i => $"k{i}: 1\n")) },
        { "300,000 values", "name: [" + Repeat("1,", 300_000) + "]" },
        { "a million colons", Repeat(":\n", 500_000) },
        { "a million question marks", Repeat("?\n", 500_000) },
        { "a million line breaks", new string('\n', 1_000_000) },
        { "a million hyphens", new string('-', 1_000_000) },
        { "a million anchors", new string('&', 1_000_000) },
        { "a long number", "seed: " + new string('9', 4_000) },
        { "a long fraction", "seed: 0." + new string('9', 5_000) },
        { "half a surrogate pair", "name: \"\\ud800\"" },
        { "tab as indentation", "dataset:\n\turi: /d" },
        { "unclosed quote", "name: \"x" },
        { "closing brackets", "]]]}}}" },
    };

    public static TheoryData<string> Documents => [.. s_documents.Keys];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Read_HostileDocument_IsRefusedQuickly(string what)
    {
        var text = s_documents[what];
        foreach (var fileName in new[] { "hostile.yaml", "hostile.json", "hostile" })
        {
            var clock = Stopwatch.StartNew();

            var refusal = Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.Read(text, fileName, "/"));

            Assert.True(clock.Elapsed < s_quickly, $"{what} took {clock.Elapsed}.");
            Assert.InRange(refusal.Message.Length, 1, 100_000);
        }
    }

    [Fact]
    public void Read_HostileDocument_OverflowsNotEvenASmallStack()
    {
        Exception? thrown = null;
        var thread = new Thread(
            () => thrown = Record.Exception(() => ExperimentConfigReader.Read(new string('[', 100_000), "deep.yaml", "/")),
            maxStackSize: 256 * 1024);

        thread.Start();
        thread.Join();

        Assert.Contains("is nested deeper than 32 levels", Assert.IsType<ConfigurationException>(thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepJson_NamesTheLevelAsYamlDoes()
    {
        var deep = "{\"name\": " + new string('[', 100) + new string(']', 100) + "}";

        var json = Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.Read(deep, "deep.json", "/")).Errors;
        var yaml = Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.Read(deep, "deep.yaml", "/")).Errors;

        Assert.Equal(yaml[0].Message, json[0].Message);
        Assert.Equal((yaml[0].Line, yaml[0].Column), (json[0].Line, json[0].Column));
    }

    [Theory]
    [InlineData("name: x\ndataset: { uri: /d }\nseed: 1\nseed: 2", "seed", 4, "is written twice (first on line 3)")]
    [InlineData("name: x\ndataset: { uri: /d, uri: /e }", "dataset.uri", 2, "is written twice (first on line 2)")]
    [InlineData("name: x\ndataset: { uri: /d }\nseed: &s 1", "seed", 3, "an anchor is not allowed")]
    [InlineData("name: x\ndataset: { uri: /d }\nseed: *s", "seed", 3, "an alias is not allowed (value was *s)")]
    [InlineData("name: x\ndataset: { uri: /d }\nseed: !!int 1", "seed", 3, "a tag is not allowed (it was tag:yaml.org,2002:int)")]
    [InlineData("name: x\ndataset: { uri: /d }\n<<: { seed: 1 }", "", 3, "a merge key is not allowed (key was <<)")]
    [InlineData("name: x\ndataset: { uri: /d }\n---\nname: y", "", 3, "holds more than one document")]
    [InlineData("name: x\ndataset:\n\turi: /d", "", 3, "is not valid YAML: While scanning a mapping, found invalid tab as indentation")]
    [InlineData("name: x\ntrain:\n epochs: 5\n  batch_size: 3", "", 4, "is not valid YAML: While scanning a plain scalar value, found invalid mapping")]
    [InlineData("name: x\nseed: !!'[ 1", "", 2, "is not valid YAML after this place")]
    public void Read_ForbiddenYaml_IsNamedWithItsPlace(string text, string path, int line, string message)
    {
        var error = Texts.OnlyError(text);

        Assert.Equal((path, line, message), (error.Path, error.Line, error.Message));
    }

    [Theory]
    [InlineData("{\"name\": \"x\", \"dataset\": {\"uri\": \"/d\"},}")]
    [InlineData("{\"name\": \"x\", /* c */ \"dataset\": {\"uri\": \"/d\"}}")]
    [InlineData("{\"name\": \"x\", \"dataset\": {\"uri\": \"/d\"}, \"seed\": NaN}")]
    [InlineData("{\"name\": \"x\", \"dataset\": {\"uri\": \"/d\"}} {}")]
    [InlineData("{'name': 'x'}")]
    [InlineData("{\"name\": \"\\ud800\"}")]
    [InlineData("")]
    public void Read_JsonOutsideItsStandard_IsRefused(string text)
    {
        Assert.Throws<ConfigurationException>(() => Texts.ReadJson(text));
    }

    [Fact]
    public void ReadFile_EndlessOrLargeFile_IsRefusedAtTheLimit()
    {
        using var folder = new TemporaryFolder();
        var large = folder.Write("large.yaml", "name: " + new string('a', 1 << 20));

        foreach (var path in new[] { large, "/dev/zero" })
        {
            var refusal = Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.ReadFile(path));
            Assert.Contains("is larger than 1048576 bytes", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_ManyErrors_ListsTheFirstHundredAndCountsTheRest()
    {
        var errors = Texts.Errors(string.Concat(Enumerable.Range(0, 1_000).Select(i => $"k{i}: 1\n")));

        Assert.Equal(101, errors.Count);
        Assert.Equal("has 902 more errors, not listed", errors[^1].Message);
    }

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static string AliasBomb()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        return bomb.ToString();
    }
}
