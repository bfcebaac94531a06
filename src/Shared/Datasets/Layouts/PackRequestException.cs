namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// What was asked for cannot be done: a wrong layout, split or destination. The data may be fine. The message lists every mistake with its remedy.
/// </summary>
public sealed class PackRequestException(string message) : ArgumentException(message);
