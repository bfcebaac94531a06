using System.Text;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary>Whatever the text: a config or a <see cref="ConfigurationException"/>, and nothing else.</summary>
public sealed class FuzzTests
{
    private static readonly Gen<string> s_fileName = Gen.OneOf("a.yaml", "a.json", "a");

    private static readonly Gen<string> s_fragment = Gen.OneOf(
        ":", ": ", "- ", "? ", "[", "]", "{", "}", ",", "\n", "\n  ", "\t", "#", " #", "&a ",
        "*a", "!", "!!str ", "|\n", ">\n", "'", "\"", "\\", "\\u", "%", "@", "`",
        "---\n", "...\n", "%YAML 1.2\n", "%TAG ! a\n", "<<: ", "null", "~", "true", "1e400",
        ".nan", "-", "none", "\0", "\r", "\u0085", "\u2028", "\uFEFF", "\uD800", "😀",
        "name: x\n", "seed: 1\n", "train: ", "epochs: 5", "dataset: ", "uri: /d\n",
        "loss:\n  class_weights: [1, 2]\n", "evaluate: none\n", "\"name\": ", "!<tag:%C3%A9> ", "!e!x ");

    [Fact]
    public void Read_RandomBytes_NeverFailsOtherwise()
    {
        Gen.Select(Gen.Byte.Array[0, 200], s_fileName).Sample((bytes, fileName) => IsTakenOrRefused(Encoding.Latin1.GetString(bytes), fileName), iter: 5_000);
    }

    [Fact]
    public void Read_RandomSyntax_NeverFailsOtherwise()
    {
        Gen.Select(s_fragment.Array[0, 40], s_fileName).Sample((parts, fileName) => IsTakenOrRefused(string.Concat(parts), fileName), iter: 10_000);
    }

    [Theory]
    [InlineData("...\n]")]
    [InlineData("name: x\n...\nseed: 1")]
    [InlineData("name: x\n... ]")]
    public void Read_TextAfterTheDocumentsEnd_IsRefused(string text)
    {
        Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.Read(text, "a.yaml", "/"));
    }

    [Fact]
    public void Read_MutatedExample_NeverFailsOtherwise()
    {
        var mutation = Gen.Select(Gen.Double[0, 1], Gen.Int[0, 12], s_fragment);
        Gen.Select(mutation.Array[1, 4], Gen.OneOf(Texts.Documented, Texts.DocumentedJson), s_fileName)
            .Sample((mutations, text, fileName) => IsTakenOrRefused(mutations.Aggregate(text, Mutate), fileName), iter: 5_000);

        static string Mutate(string text, (double At, int Removed, string Inserted) mutation)
        {
            var at = (int)(mutation.At * text.Length);
            return text[..at] + mutation.Inserted + text[Math.Min(text.Length, at + mutation.Removed)..];
        }
    }

    [Fact]
    public void Read_RandomOverride_NeverFailsOtherwise()
    {
        var path = Gen.OneOf("seed", "train.epochs", "evaluate", "dataset.test.split", "train.a.b.c", "", ".", "name");
        Gen.Select(path, s_fragment.Array[0, 8]).Sample((key, parts) =>
            IsTakenOrRefused(Texts.Documented, "a.yaml", $"{key}={string.Concat(parts)}"), iter: 2_000);
    }

    /// <summary>Reader and schema come from one table; this is the check from outside.</summary>
    [Fact]
    public void Read_MutatedValue_IsTakenOnlyIfTheSchemaTakesIt()
    {
        var schema = JsonNode.Parse(ExperimentSchema.Json)!.AsObject();
        var value = Gen.OneOf(
            "0", "1", "-1", "16", "0.5", "1.0", "5e1", "1e9", "\"1\"", "\"\"", "true", "false",
            "null", "\"none\"", "\"auto\"", "\"strict\"", "\"x\"", "\"a b\"", "\"/d\"",
            "[]", "[1,2]", "[0,1]", "[1,2,3]", "{}", "{\"split\":\"x\"}", "\"val/loss\"", "\"min\"", "\"constant\"", "\"unit\"", "\"last\"", "\"cpu\"");
        var paths = Leaves(JsonNode.Parse(ExperimentJson.Serialize(Texts.Read(Texts.Documented)))!.AsObject()).ToArray();

        Gen.Select(Gen.OneOf(paths), value).Sample((path, written) =>
        {
            var document = JsonNode.Parse(Texts.DocumentedJson)!.AsObject();
            var section = path[..^1].Aggregate(document, (at, key) => at[key] as JsonObject ?? Open(at, key));
            section[path[^1]] = JsonNode.Parse(written);
            var taken = IsTaken(document.ToJsonString(), "a.json");
            return !taken || SchemaCheck.Violation(schema, document) is null;
        }, iter: 5_000);

        static JsonObject Open(JsonObject at, string key)
        {
            var opened = new JsonObject();
            at[key] = opened;
            return opened;
        }
    }

    private static IEnumerable<string[]> Leaves(JsonObject section) => section.SelectMany(key => key.Value is JsonObject below
        ? Leaves(below).Select(path => (string[])[key.Key, .. path]).Append([key.Key])
        : [[key.Key]]);

    private static bool IsTakenOrRefused(string text, string fileName, params string[] overrides)
    {
        _ = IsTaken(text, fileName, overrides);
        return true;
    }

    /// <summary>Any other exception than a refusal fails the test.</summary>
    private static bool IsTaken(string text, string fileName, params string[] overrides)
    {
        try
        {
            ExperimentConfigReader.Read(text, fileName, "/", overrides);
            return true;
        }
        catch (ConfigurationException)
        {
            return false;
        }
    }
}
