using System.Text.Json;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Planning;

/// <summary>
/// What a predict run does: the JSON in its row's <c>config</c>, in place of an experiment's. Everything that decides the result is pinned here, so that
/// an attempt that goes on from another's strips computes the same.
/// </summary>
public sealed record PredictionRequest
{
    public const double DefaultThreshold = 0.5;

    private const int SmallestTile = 16, LargestTile = 8192;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The weights, published before the run was queued and kept until it has ended.</summary>
    public required CheckpointReference Checkpoint { get; init; }
    /// <summary>Null in a batch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SceneInput? Before { get; init; }
    /// <inheritdoc cref="Before"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SceneInput? After { get; init; }
    /// <summary>Many pairs in place of one; null for one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PredictionBatch? Batch { get; init; }
    /// <summary>From which probability of change on a pixel counts as changed.</summary>
    public double Threshold { get; init; } = DefaultThreshold;
    /// <summary>Whether a map of probabilities is wanted.</summary>
    public bool Probability { get; init; }
    /// <summary>Whether outlines of changes are wanted.</summary>
    public bool Polygons { get; init; }
    /// <summary>Which polygons are left out, as <see cref="MinimumArea"/> writes it; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MinArea { get; init; }
    /// <summary>Whether polygons are wanted in longitude and latitude (RFC 7946), and not in the scene's own coordinates.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Wgs84 { get; init; }
    /// <summary>Side of the windows, in pixels, without what they see around them; null: as fits the network.</summary>
    public int? Tile { get; init; }
    /// <summary>The value of pixels that are none, in all bands; null: what each image says.</summary>
    public double? NoData { get; init; }
    /// <summary>What an image's band of alpha is: one of <see cref="AlphaUses"/>.</summary>
    public string Alpha { get; init; } = AlphaUses[0];
    /// <summary>What the scene's values are in those of the training, as <see cref="ValueRescaling"/> writes it; null: the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rescale { get; init; }
    /// <summary>What was found odd when it was queued; it decides nothing. Null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
    public ResourcesConfig Resources { get; init; } = new();

    /// <summary>
    /// A band of 0 and its maximum alone is a mask, and others are refused; left out; a band like the others; a mask, whatever it holds.
    /// </summary>
    public static IReadOnlyList<string> AlphaUses { get; } = ["auto", "drop", "band", "mask"];

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <exception cref="PredictionRequestException">It is none, or breaks a rule: rows are checked as options are.</exception>
    public static PredictionRequest FromJson(string json)
    {
        try
        {
            var request = JsonSerializer.Deserialize<PredictionRequest>(json, s_json) ?? throw new JsonException("it is null");
            return request.Problem() is { } problem ? throw new PredictionRequestException(problem) : request;
        }
        catch (JsonException exception)
        {
            throw new PredictionRequestException($"the run's config is no prediction: {exception.Message}");
        }
    }

    /// <summary>The rule that these options break; null where they break none.</summary>
    public static string? ProblemOf(double threshold, int? tile) =>
        threshold is not (> 0 and < 1) ? FormattableString.Invariant($"threshold is {threshold}; it is a probability between 0 and 1")
        : tile is { } side && (side is < SmallestTile or > LargestTile || side % SmallestTile != 0)
            ? $"tile is {side}; it is a multiple of {SmallestTile} up to {LargestTile}"
        : null;

    /// <summary>The rule that is broken; null where none is.</summary>
    public string? Problem() =>
        ProblemOf(Threshold, Tile) is { } wrong ? wrong
        : NoData is { } value && !double.IsFinite(value) ? "nodata is no number; what is not finite is no pixel anyway"
        : !AlphaUses.Contains(Alpha, StringComparer.Ordinal) ? $"alpha is '{Alpha}'; it is one of {string.Join(", ", AlphaUses)}"
        : Rescale is { } rescale && ValueRescaling.TryParse(rescale) is null ? $"rescale is '{rescale}'; it is {ValueRescaling.Form}"
        : Resources.Threads is < 1 or > 1024 ? $"threads is {Resources.Threads}; it is 1 to 1024"
        : MinArea is { } area && MinimumArea.TryParse(area) is null ? $"min_area is '{area}'; it is {MinimumArea.Form}"
        : (Batch is null) == (Before is null) || (Batch is null) == (After is null) ? "it is to have either before and after, or a batch of pairs"
        : Batch is not null ? Batch.Problem()
        : Before!.Problem() ?? After!.Problem();
}

/// <summary>An image of a scene: a file that workers can open where it lies, or an object of the store.</summary>
public sealed record SceneInput
{
    /// <summary>What messages call it.</summary>
    public required string Name { get; init; }
    /// <summary>The absolute path; null where it is an object.</summary>
    public string? File { get; init; }
    /// <summary>The object's key; null where it is a file.</summary>
    public string? Key { get; init; }
    public required long Bytes { get; init; }
    /// <summary>In lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>
    /// From pixels to the map, for an image that does not say it itself, as a world file said when the run was queued: x, x per column, x per row, y, y per
    /// column, y per row (GDAL's order), of the upper left corner. Null where nothing does.
    /// </summary>
    public IReadOnlyList<double>? GeoTransform { get; init; }

    internal string? Problem() => (File is null) == (Key is null) ? $"'{Name}' is to be either a file or an object"
        : GeoTransform is { } numbers && (numbers.Count != 6 || !numbers.All(double.IsFinite)) ? $"'{Name}' has a geo_transform that is not six finite numbers"
        : File is not null && !Path.IsPathRooted(File) ? $"'{File}' is not an absolute path"
        : null;
}

/// <summary>A prediction that breaks a rule.</summary>
public sealed class PredictionRequestException(string message) : ArgumentException(message);
