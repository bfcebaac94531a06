using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A mapping with fixed keys that becomes a record. The record's own initial values are the defaults.</summary>
/// <param name="blank">A record of defaults; what it holds for required keys is never seen by anyone.</param>
internal sealed class Section<TRecord>(Func<TRecord> blank) : ConfigType<TRecord> where TRecord : class
{
    private readonly List<SectionKey<TRecord>> _keys = [];

    public override string Rule => "a mapping of keys";

    public override bool ShowsDefault => false;

    public override IEnumerable<string> PathsBelow => _keys.SelectMany(key => key.PathsBelow.Select(below => $"{key.Name}.{below}").Prepend(key.Name));

    /// <summary>Adds a key that has a default.</summary>
    /// <param name="inResult">Whether another value can change a result, so that it is part of the digest.</param>
    /// <param name="addedLater">
    /// Whether configs had been digested before the key was there: its default says what they meant, and is left out of the digest, which stays what it was.
    /// </param>
    public Section<TRecord> Key<T>(
        string name, ConfigType<T> type, string description, Func<TRecord, T> get, Func<TRecord, T, TRecord> with,
        bool inResult = true, bool addedLater = false)
    {
        _keys.Add(new SectionKey<TRecord, T>(name, type, description, get, with) { InResult = inResult, AddedLater = addedLater });
        return this;
    }

    /// <summary>Adds a key that must be written.</summary>
    public Section<TRecord> Required<T>(
        string name, ConfigType<T> type, string description, Func<TRecord, T> get, Func<TRecord, T, TRecord> with, bool inResult = true)
    {
        _keys.Add(new SectionKey<TRecord, T>(name, type, description, get, with) { InResult = inResult, IsRequired = true });
        return this;
    }

    /// <summary>True for every mapping: wrong values are reported and leave their defaults, so that the other rules can still be checked.</summary>
    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out TRecord value)
    {
        value = blank();
        if (node is not MappingNode mapping)
            return Reject(node, path, scope);
        var prefix = path.Length == 0 ? "" : $"{path}.";
        foreach (var entry in mapping.Entries)
        {
            if (_keys.Find(key => key.Name == entry.Key) is { } key)
                value = key.Read(value, entry.Value, prefix + key.Name, scope);
            else
                scope.Errors.Add(entry.KeyOrigin, prefix + PrintableText.Text(entry.Key), "is not a known key",
                    scope.Errors.IsFull ? null : SuggestKey(entry.Key, prefix, scope));
        }
        foreach (var key in _keys.Where(key => key.IsRequired && mapping.Find(key.Name) is null))
            scope.Errors.Add(mapping.Origin, prefix + key.Name, "is required and missing", $"It says: {key.Description}");
        return true;
    }

    public override void Write(Utf8JsonWriter json, TRecord value, JsonForm form)
    {
        var defaults = blank();
        IEnumerable<SectionKey<TRecord>> keys = form == JsonForm.Whole
            ? _keys
            : _keys.Where(key => key.InResult && !(key.AddedLater && key.AreEqual(value, defaults))).OrderBy(key => key.Name, StringComparer.Ordinal);
        json.WriteStartObject();
        foreach (var key in keys)
            key.Write(json, value, form);
        json.WriteEndObject();
    }

    public override JsonObject Describe()
    {
        var defaults = blank();
        var described = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(_keys.Select(key => KeyValuePair.Create(key.Name, (JsonNode?)key.Describe(defaults)))),
            ["additionalProperties"] = false,
        };
        if (_keys.Exists(key => key.IsRequired))
            described["required"] = new JsonArray([.. _keys.Where(key => key.IsRequired).Select(key => JsonValue.Create(key.Name))]);
        return described;
    }

    /// <summary>A near key of this section; else the same key in another; else all there are.</summary>
    private string SuggestKey(string word, string prefix, ReadScope scope)
    {
        var elsewhere = scope.KnownPaths.FirstOrDefault(known => known.EndsWith($".{word}", StringComparison.Ordinal));
        return NearestName.Suggest(word, _keys.Select(key => key.Name))
            ?? (elsewhere is null ? null : $"Did you mean '{elsewhere}'?")
            ?? $"{(prefix.Length == 0 ? "The top level" : prefix.TrimEnd('.'))} takes {string.Join(", ", _keys.Select(key => key.Name))}.";
    }
}
