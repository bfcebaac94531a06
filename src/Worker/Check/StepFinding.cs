namespace ChangeDetection.Worker.Check;

/// <summary>How a step of the check ended.</summary>
internal enum StepState
{
    Ok,
    Failed,
    /// <summary>Not tried: a step that it needs did not succeed, or the time was up.</summary>
    Skipped,
}

/// <summary>What a step found out.</summary>
internal sealed record StepFinding
{
    /// <summary>One line.</summary>
    public required string Summary { get; init; }
    /// <summary>What failed, in the words of the library, driver or program that said so; null where nothing did.</summary>
    public string? Error { get; init; }
    /// <summary>Measured numbers; the unit is the end of the name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
    /// <summary>Further lines.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <param name="error">Its first line is the summary.</param>
    public static StepFinding Failure(string error, IReadOnlyList<string>? details = null) =>
        new() { Summary = FirstLine(error), Error = error.Trim(), Details = details ?? [] };

    /// <summary>An exception with those behind it: TorchSharp's own says no more than that a type could not be initialised.</summary>
    public static StepFinding Failure(Exception exception, IReadOnlyList<string>? details = null)
    {
        var chain = new List<string>();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            chain.Add($"{cause.GetType().Name}: {cause.Message}");
        return Failure(string.Join('\n', chain), details ?? exception.ToString().Split('\n'));
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].TrimEnd();
}

/// <summary>A finding, and what the step's processes printed.</summary>
internal sealed record StepOutcome(StepFinding Finding, IReadOnlyList<string> Output);

/// <summary>A step's entry in the report.</summary>
internal sealed record StepResult
{
    public required string Name { get; init; }
    public required StepState State { get; init; }
    public double Seconds { get; init; }
    public required string Summary { get; init; }
    public string? Error { get; init; }
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
    public IReadOnlyList<string> Details { get; init; } = [];
    /// <summary>The last lines that its processes printed, without repetitions.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];
}
