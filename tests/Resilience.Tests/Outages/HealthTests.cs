using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>Scheduler and worker as a container platform runs them: the connection string comes in a file, and a file shows that they are ready.</summary>
[Collection(nameof(SystemApart))]
public sealed class HealthTests(SystemApart apart)
{
    [Fact]
    public async Task Scheduler_WithItsSecretInAFile_ShowsThatItIsReadyUntilItLeaves()
    {
        using var folder = new TemporaryFolder();
        await using var serve = apart.System.StartServe(Container(folder));
        await EndsInOrderAsync(serve, folder);
    }

    [Fact]
    public async Task Worker_WithItsSecretInAFile_ShowsThatItIsReadyUntilItLeaves()
    {
        using var folder = new TemporaryFolder();
        await using var worker = apart.System.StartWorker(["--slots", "cpu", "--queues", SystemApart.Queues(SystemApart.ForNobody)], Container(folder));
        await EndsInOrderAsync(worker, folder);
        Assert.Contains("is ready", worker.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_WhoseSecretIsMissing_NamesTheFileAndEndsAsWrong()
    {
        using var folder = new TemporaryFolder();
        var surroundings = new Dictionary<string, string?>(Container(folder)) { ["CHANGEDETECTION_DATABASE_FILE"] = folder["none"] };
        await using var worker = apart.System.StartWorker(["--slots", "cpu"], surroundings);
        Assert.Equal(2, await worker.ExitAsync(SystemApart.Limit));
        Assert.Contains($"CHANGEDETECTION_DATABASE_FILE: '{folder["none"]}' does not exist", worker.Text, StringComparison.Ordinal);
    }

    private static async Task EndsInOrderAsync(RunningProgram program, TemporaryFolder folder)
    {
        await Eventually.TrueAsync("the health file", () => Task.FromResult(program.HasExited || File.Exists(folder["ready"])), SystemApart.Limit);
        Assert.False(program.HasExited, program.Text);
        program.Terminate();
        Assert.Equal(0, await program.ExitAsync(SystemApart.Limit));
        Assert.False(File.Exists(folder["ready"]));
    }

    private Dictionary<string, string?> Container(TemporaryFolder folder) => new()
    {
        ["CHANGEDETECTION_DATABASE"] = null,
        ["CHANGEDETECTION_DATABASE_FILE"] = folder.Write("secret", apart.System.ConnectionString + "\n"),
        ["CHANGEDETECTION_HEALTH_FILE"] = folder["ready"],
    };
}
