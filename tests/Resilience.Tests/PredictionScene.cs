using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>A system whose one worker can be killed at crash points, a network that it trained, and a scene of three strips to run it on.</summary>
internal sealed class PredictionScene : IAsyncDisposable
{
    private const int Side = 144;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly string[] s_outputs = ["change.tif", "p.tif", "change.geojson", "overlay.png"];

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _armed = new();
    private readonly RunningProgram _worker;
    private Guid _trained;

    private PredictionScene(SystemUnderTest system)
    {
        System = system;
        _worker = system.StartWorker(["--slots", "cpu"], new Dictionary<string, string?> { [CrashPoint.Variable] = _armed.Path });
    }

    public SystemUnderTest System { get; }

    public static async Task<PredictionScene> StartAsync(PostgresServer postgres)
    {
        var scene = new PredictionScene(await SystemUnderTest.ServeApartAsync(postgres));
        scene._trained = (await scene.System.SubmitAsync("trained", epochs: 1, steps: 2))[0];
        await scene.System.SucceededAsync(scene._trained, s_limit);
        WriteScene(scene._folder["before.tif"], 1);
        WriteScene(scene._folder["after.tif"], 2);
        return scene;
    }

    /// <summary>The process that reaches the point for the count-th time dies.</summary>
    public void Arm(string point, int count) => _armed.Write(point, $"{count}");

    /// <summary>Predicts by the command line, and returns the run when it has ended and its files are here.</summary>
    public async Task<Run> PredictAsync(string name)
    {
        var ended = (await System.CliAsync(
            "predict", "--checkpoint", $"{_trained}", "--before", _folder[
                "before.tif"], "--after", _folder["after.tif"], "--out", _folder[$"{name}-change.tif"],
            "--probability", _folder[$"{name}-p.tif"], "--polygons", _folder[$"{name}-change.geojson"], "--overlay", _folder[
                $"{name}-overlay.png"], "--tile", "48", "--json")).Succeeded();
        using var json = JsonDocument.Parse(ended);
        return await System.FindAsync(json.RootElement.GetProperty("run").GetGuid());
    }

    public void AssertEqualFiles(string one, string other)
    {
        foreach (var file in s_outputs)
            Assert.Equal(File.ReadAllBytes(_folder[$"{one}-{file}"]), File.ReadAllBytes(_folder[$"{other}-{file}"]));
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await System.DisposeAsync();
        _armed.Dispose();
        _folder.Dispose();
    }

    private static void WriteScene(string path, int seed)
    {
        var random = new Random(seed);
        SceneFiles.Write(path, new ImageShape(Side, Side, 3, PixelType.UInt8), (_, row) => random.NextBytes(row), SceneFiles.Utm33);
    }
}
