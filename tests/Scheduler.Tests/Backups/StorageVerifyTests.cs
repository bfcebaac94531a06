using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Backups;

[Needs(Resource.Database, Resource.Processes)]
public sealed class StorageVerifyTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_TellsWhatIsGone_OfAnotherSize_AndOnDemandOfOtherBytes()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var environment = BackupTests.Environment(scene.Database, scene.Store);
        var picture = scene[$"store/{RunObject.Picture(scene.Ended, "sample", 1)}"];
        var weights = scene[$"store/{RunObject.Checkpoint(scene.Running.Id, 2, 1)}/weights.safetensors"];
        Assert.Contains("3 objects", (await CommandRun.OfAsync(["storage", "verify", "--hashes"], environment)).Succeeded(), StringComparison.Ordinal);

        var bytes = await File.ReadAllBytesAsync(picture, Token);
        bytes[0] ^= 1;
        await File.WriteAllBytesAsync(picture, bytes, Token);
        (await CommandRun.OfAsync(["storage", "verify"], environment)).Succeeded();
        var hashed = await CommandRun.OfAsync(["storage", "verify", "--hashes"], environment);
        Assert.Equal(1, hashed.ExitCode);
        Assert.Contains("is damaged", hashed.Output, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(picture, bytes[..^1], Token);
        File.Delete(weights);
        var found = await CommandRun.OfAsync(["storage", "verify", "--json"], environment);
        Assert.Equal(1, found.ExitCode);
        var problems = System.Text.Json.JsonDocument.Parse(found.Output).RootElement.GetProperty("problems").EnumerateArray().ToList();
        Assert.Equal(2, problems.Count);
        Assert.Contains(problems, one => one.GetProperty("problem").GetString() == "has 4999 bytes instead of 5000");
        Assert.Contains(problems, one => one.GetProperty("problem").GetString() == "is missing" && one.GetProperty("kind").GetString() == "checkpoint");
    }
}
