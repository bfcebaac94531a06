using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>One key of a section, whatever the type of its value.</summary>
internal abstract class SectionKey<TRecord>(string name, string description)
{
    public string Name { get; } = name;
    public string Description { get; } = description;
    public bool IsRequired { get; init; }
    public bool InResult { get; init; } = true;
    public bool AddedLater { get; init; }

    public abstract IEnumerable<string> PathsBelow { get; }

    /// <summary>The record with the value; the same record when the value is wrong.</summary>
    public abstract TRecord Read(TRecord record, ConfigNode node, string path, ReadScope scope);
    public abstract void Write(Utf8JsonWriter json, TRecord record, JsonForm form);
    /// <summary>Whether two records say the same under this key.</summary>
    public abstract bool AreEqual(TRecord one, TRecord other);
    public abstract JsonObject Describe(TRecord defaults);
}

/// <summary>A key, bound to a property of the record.</summary>
internal sealed class SectionKey<TRecord, T>(
    string name, ConfigType<T> type, string description, Func<TRecord, T> get, Func<TRecord, T, TRecord> with) : SectionKey<TRecord>(name, description)
{
    public override IEnumerable<string> PathsBelow => type.PathsBelow;

    public override TRecord Read(TRecord record, ConfigNode node, string path, ReadScope scope) =>
        type.TryRead(node, path, scope, out var value) ? with(record, value) : record;

    public override void Write(Utf8JsonWriter json, TRecord record, JsonForm form)
    {
        json.WritePropertyName(Name);
        type.Write(json, get(record), form);
    }

    public override bool AreEqual(TRecord one, TRecord other) => EqualityComparer<T>.Default.Equals(get(one), get(other));

    public override JsonObject Describe(TRecord defaults)
    {
        var described = type.Describe();
        described.Insert(0, "description", Description);
        if (!IsRequired && type.ShowsDefault)
            described["default"] = DefaultOf(defaults);
        return described;
    }

    private JsonNode? DefaultOf(TRecord defaults)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            type.Write(json, get(defaults), JsonForm.Whole);
        return JsonNode.Parse(buffer.WrittenSpan);
    }
}
