using System.Text.Json;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Reads and writes <c>dataset.json</c>: snake_case JSON, checked by <see cref="DatasetManifestRules"/> on the way in and out.</summary>
public static class DatasetManifestFile
{
    /// <summary>Room for some 50,000 shards.</summary>
    public const int MaxBytes = 16 << 20;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        IndentSize = 2,
        Encoder = ReadableJson.Encoder,
        NewLine = "\n",
        MaxDepth = 16,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The file's bytes; the same for equal manifests.</summary>
    /// <exception cref="ShardCorruptException">The manifest breaks a rule.</exception>
    public static byte[] Format(DatasetManifest manifest)
    {
        Check(manifest);
        return Write(manifest with { Sha256 = Hash(manifest) });
    }

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="ShardCorruptException">They are no JSON, lack something, or break a rule.</exception>
    public static DatasetManifest Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            throw Corrupt($"is larger than {MaxBytes} bytes");
        DatasetManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<DatasetManifest>(bytes, s_json);
        }
        catch (JsonException error)
        {
            throw Corrupt($"cannot be read: line {(error.LineNumber ?? 0) + 1}, at '{error.Path}': {error.Message.Split(" Path: ")[0].TrimEnd('.')}", error);
        }
        Check(manifest ?? throw Corrupt("holds null"));
        return manifest.Sha256 is not { } expected || expected == Hash(manifest)
            ? manifest
            : throw Corrupt($"says that its SHA-256 is {expected}, and what it holds has {Hash(manifest)}: something in it was changed or damaged");
    }

    /// <summary>Piece by piece: a manifest of thousands of shards is megabytes, and whoever opens one has no other use for its text.</summary>
    private static string Hash(DatasetManifest manifest)
    {
        using var hashing = new HashingStream(Stream.Null);
        Write(manifest with { Sha256 = null }, hashing);
        return hashing.Sha256();
    }

    private static byte[] Write(DatasetManifest manifest)
    {
        using var bytes = new MemoryStream();
        Write(manifest, bytes);
        return bytes.ToArray();
    }

    private static void Write(DatasetManifest manifest, Stream stream)
    {
        var sorted = manifest with { Splits = manifest.Splits.OrderBy(split => split.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal) };
        JsonSerializer.Serialize(stream, sorted, s_json);
        stream.WriteByte((byte)'\n');
    }

    private static void Check(DatasetManifest manifest)
    {
        var problems = DatasetManifestRules.Violations(manifest).Take(10).ToList();
        if (problems.Count > 0)
            throw Corrupt($"is not valid: {string.Join("; ", problems)}");
    }

    private static ShardCorruptException Corrupt(string problem, Exception? inner = null) =>
        new(DatasetManifest.FileName, problem, ShardCorruptException.CopyAgain, inner);
}
