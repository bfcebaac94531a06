using System.Text.Json;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>
/// What the worker's program finds when it compares a file of weights with a network: the command line asks it before it queues anything, because the worker
/// alone knows the networks. One line of JSON.
/// </summary>
/// <param name="Problem">Why the network cannot take them, every difference at once; null where it can.</param>
/// <param name="Notes">What was done to read and fit them, the last one how many there are; for people.</param>
public sealed record WeightsComparison(string? Problem, IReadOnlyList<string> Notes)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <returns>Null where the text is none.</returns>
    public static WeightsComparison? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<WeightsComparison>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
