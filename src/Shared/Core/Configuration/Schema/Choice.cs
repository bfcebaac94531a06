using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>One of a list of words. <c>true</c> and <c>false</c> may be among them and are then written as booleans.</summary>
internal sealed class Choice<T>(params IReadOnlyList<(string Word, T Value)> options) : ConfigType<T> where T : notnull
{
    /// <summary>The remedy for words that are wrong for a reason of their own; null for the nearest word.</summary>
    public Func<string, string?>? Explain { get; init; }

    public override string Rule => options.Count == 1
        ? options[0].Word
        : $"{string.Join(", ", options.Take(options.Count - 1).Select(o => o.Word))} or {options[^1].Word}";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (node is not ScalarNode { Kind: ScalarKind.Text or ScalarKind.Boolean } scalar)
            return Reject(node, path, scope);
        var word = scalar.Kind == ScalarKind.Boolean ? scalar.Text.ToLowerInvariant() : scalar.Text;
        foreach (var option in options)
        {
            if (option.Word != word || IsBoolean(word) != (scalar.Kind == ScalarKind.Boolean))
                continue;
            value = option.Value;
            return true;
        }
        return Reject(node, path, scope, IsBoolean(word)
            ? Quoting.Unquote(node)
            : Explain?.Invoke(word) ?? NearestName.Suggest(word, options.Select(o => o.Word)));
    }

    public override void Write(Utf8JsonWriter json, T value, JsonForm form)
    {
        var word = options.First(o => EqualityComparer<T>.Default.Equals(o.Value, value)).Word;
        if (IsBoolean(word))
            json.WriteBooleanValue(word == "true");
        else
            json.WriteStringValue(word);
    }

    public override JsonObject Describe() => new()
    {
        ["enum"] = new JsonArray([.. options.Select(o => IsBoolean(o.Word) ? JsonValue.Create(o.Word == "true") : (JsonNode)JsonValue.Create(o.Word))]),
    };

    private static bool IsBoolean(string word) => word is "true" or "false";
}

internal static class Choice
{
    /// <summary>Names that stand for themselves, such as those of networks.</summary>
    public static Choice<string> Of(IEnumerable<string> names) => new([.. names.Select(name => (name, name))]);
}
