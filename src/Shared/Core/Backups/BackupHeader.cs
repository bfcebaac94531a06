using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Backups;

/// <summary>The first entry of a backup, <c>backup.json</c>: of what system it is, and what it takes to read it.</summary>
public sealed record BackupHeader
{
    /// <summary>The format that is written, and the newest that is read.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Nobody reads more than this of what claims to be one.</summary>
    internal const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        MaxDepth = 8,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    public required int Format { get; init; }
    /// <summary>Of this backup.</summary>
    public required Guid Id { get; init; }
    /// <summary>The moment that its rows are of, by the database's clock.</summary>
    public required DateTimeOffset MadeAt { get; init; }
    /// <summary>The version of the program that made it.</summary>
    public required string Program { get; init; }
    /// <summary>The identity of the system.</summary>
    public required Guid System { get; init; }
    /// <summary>The address of its store, for people.</summary>
    public required Uri Store { get; init; }
    /// <summary>The major version of its database server.</summary>
    public required int Server { get; init; }
    /// <summary>That of the pg_dump that wrote the dump: no older pg_restore reads it.</summary>
    public required int DumpedBy { get; init; }
    /// <summary>The steps that its schema has had, in order.</summary>
    public required IReadOnlyList<string> Migrations { get; init; }
    /// <summary>How many runs there were, and how many of them were running.</summary>
    public required int Runs { get; init; }
    /// <inheritdoc cref="Runs"/>
    public required int Running { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <exception cref="BackupException">It is none, or of a newer format.</exception>
    public static BackupHeader Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            var header = JsonSerializer.Deserialize<BackupHeader>(json, s_json) ?? throw new JsonException("it is null");
            return header.Format is >= 1 and <= CurrentFormat ? header : throw new BackupException(
                $"'{path}' is a backup of format {header.Format}, made by version {header.Program}, and this program reads format {CurrentFormat}. Use that " +
                "version, or a newer one.");
        }
        catch (JsonException error)
        {
            throw new BackupException($"'{path}': its first entry, {BackupFormat.Header}, is damaged: {error.Message}", error);
        }
    }
}

/// <summary>A backup cannot be made, read or restored; the message says why and what to do.</summary>
/// <param name="isRequest">Doing it again cannot help: what was asked for is wrong.</param>
public sealed class BackupException(string message, Exception? inner = null, bool isRequest = false) : Exception(message, inner)
{
    public bool IsRequest { get; } = isRequest;
}
