using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ChangeDetection.Worker.Prediction.Batches;

/// <summary>What a prediction found in a pair: a line of the summary.</summary>
/// <param name="Pair">Its name.</param>
/// <param name="Changed">Pixels.</param>
/// <param name="Valid">Pixels that both dates show.</param>
/// <param name="Share">Of the valid ones, 0 to 1.</param>
/// <param name="Area">Of what has changed, in square metres; null where it is not known how large a pixel is.</param>
/// <param name="AreaKind"><c>geodesic</c> or <c>planar</c>; null where there is no area.</param>
internal sealed record PairFigures(string Pair, long Changed, long Valid, double Share, double? Area, string? AreaKind)
{
    private const string Columns = "pair,changed_pixels,valid_pixels,changed_share,changed_area_m2,area";

    public static PairFigures Of(string pair, MapFiles maps) => new(pair, maps.Changed, maps.Valid, maps.Share, maps.Area, maps.AreaKind);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <exception cref="JsonException">These bytes are none.</exception>
    public static PairFigures FromJson(Stream json) => JsonSerializer.Deserialize<PairFigures>(json) ?? throw new JsonException("it is null");

    /// <summary>All lines under their names, as RFC 4180 has tables; in UTF-8.</summary>
    public static byte[] Table(IEnumerable<PairFigures> pairs)
    {
        var table = new StringBuilder(Columns).Append("\r\n");
        foreach (var pair in pairs)
            table.Append(CultureInfo.InvariantCulture, $"{Quoted(pair.Pair)},{pair.Changed},{pair.Valid},{pair.Share:R},{pair.Area:R},{pair.AreaKind}\r\n");
        return Encoding.UTF8.GetBytes(table.ToString());
    }

    /// <summary>For the run's page.</summary>
    public static Dictionary<string, double> Totals(IReadOnlyCollection<PairFigures> pairs)
    {
        var (changed, valid) = (pairs.Sum(pair => pair.Changed), pairs.Sum(pair => pair.Valid));
        var totals = new Dictionary<string, double>
        {
            ["pairs"] = pairs.Count, ["changed_pixels"] = changed, ["valid_pixels"] = valid, ["changed_share"] = valid == 0 ? 0 : changed / (double)valid,
        };
        if (pairs.All(pair => pair.Area is not null))
            totals["changed_area_m2"] = pairs.Sum(pair => pair.Area!.Value);
        return totals;
    }

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
