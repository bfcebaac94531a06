using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Backups;

/// <summary>
/// A backup is a tar (POSIX pax) that any tar can unpack: <c>backup.json</c>, <c>database.dump</c> (an archive of pg_dump), <c>objects/KEY</c> for each
/// object, and at its end <c>manifest.ndjson</c>: a line for each entry with its length and SHA-256, and a last line that says how many there are, with the
/// SHA-256 of the lines before. One that was cut has no such line.
/// </summary>
internal static class BackupFormat
{
    public const string Header = "backup.json";
    public const string Dump = "database.dump";
    public const string Objects = "objects/";
    public const string Manifest = "manifest.ndjson";
}

/// <summary>A line of the manifest.</summary>
/// <param name="Name">Of the entry; of a missing object the one that it would have; null in the last line.</param>
internal sealed record ManifestLine(
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("bytes")] long? Bytes = null,
    [property: JsonPropertyName("sha256")] string? Sha256 = null,
    [property: JsonPropertyName("missing")] bool Missing = false,
    [property: JsonPropertyName("entries")] long? Entries = null)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, s_json) + "\n");

    /// <exception cref="JsonException">It is none.</exception>
    public static ManifestLine Parse(string line) => JsonSerializer.Deserialize<ManifestLine>(line, s_json) ?? throw new JsonException("it is null");
}
