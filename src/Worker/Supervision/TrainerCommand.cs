namespace ChangeDetection.Worker.Supervision;

/// <summary>How a trainer is started.</summary>
public sealed record TrainerCommand(string Executable, IReadOnlyList<string> Arguments)
{
    /// <summary>This very executable, with the verb <c>trainer</c>.</summary>
    public static TrainerCommand Self()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is not known.");
        var library = Path.Combine(AppContext.BaseDirectory, "changedetection-worker.dll");
        return Path.GetFileNameWithoutExtension(process) == "dotnet" ? new(process, [library, "trainer"]) : new(process, ["trainer"]);
    }
}
