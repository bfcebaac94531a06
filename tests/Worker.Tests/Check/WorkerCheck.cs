using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Check;

/// <summary>A run of <c>changedetection-worker check</c> as a process, and the report it wrote.</summary>
internal sealed class WorkerCheck : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);
    private readonly TemporaryFolder _folder = new();

    private WorkerCheck()
    {
    }

    /// <summary>The libtorch that the tests themselves run with.</summary>
    public static string Libtorch { get; } = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

    public int ExitCode { get; private set; }

    public string Output { get; private set; } = "";

    /// <summary>The text report.</summary>
    public string Text => File.ReadAllText(_folder["report.txt"]);

    public JsonElement Report { get; private set; }

    public IReadOnlyList<JsonElement> Steps => [.. Report.GetProperty("steps").EnumerateArray()];

    /// <summary>States by the steps' names, in the report's order.</summary>
    public IReadOnlyList<(string Name, string State)> States =>
        [.. Steps.Select(step => (step.GetProperty("name").GetString()!, step.GetProperty("state").GetString()!))];

    public string Error(string step) => Steps.Single(entry => entry.GetProperty("name").GetString() == step).GetProperty("error").GetString()!;

    public static async Task<WorkerCheck> RunAsync(params string[] arguments)
    {
        var check = new WorkerCheck();
        await using var program = RunningProgram.Start(Executables.Worker, ["check", .. arguments, "--report", check._folder["report.json"]]);
        check.ExitCode = await program.ExitAsync(s_patience);
        check.Output = program.Text;
        if (File.Exists(check._folder["report.json"]))
            check.Report = JsonDocument.Parse(await File.ReadAllTextAsync(check._folder["report.json"])).RootElement;
        return check;
    }

    public void Dispose() => _folder.Dispose();
}
