using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

[Needs(Resource.Processes)]
public sealed class SystemThatIsDownTests(SystemThatIsDown down) : IClassFixture<SystemThatIsDown>
{
    [Fact]
    public async Task SubmitListShow_OneAfterTheOther_WorkAndLeaveTheDatabaseDown()
    {
        var submitted = await down.CliAsync("submit", down.Config, "--json");
        var experiment = Document(submitted).GetProperty("experiment").GetGuid();
        Assert.Contains("Nothing runs until 'changedetection up'.", submitted.Errors, StringComparison.Ordinal);
        AssertDown();

        var listed = await down.CliAsync("list", "--json");
        var run = Document(listed).EnumerateArray().First(run => run.GetProperty("experiment").GetGuid() == experiment);
        Assert.Equal("queued", run.GetProperty("state").GetString());
        Assert.Contains("its database is started for this command", listed.Errors, StringComparison.Ordinal);
        AssertDown();

        var shown = await down.CliAsync("show", run.GetProperty("id").GetString()!);
        Assert.Contains("submitted", shown.Succeeded(), StringComparison.Ordinal);
        AssertDown();
    }

    [Fact]
    public async Task SubmitWait_IsRefusedAndQueuesNothing()
    {
        var before = Document(await down.CliAsync("list", "--json")).GetArrayLength();
        var waited = await down.CliAsync("submit", down.Config, "--wait");
        Assert.Equal((2, ""), (waited.ExitCode, waited.Output));
        Assert.Contains("--wait needs a system that is up", waited.Errors, StringComparison.Ordinal);
        Assert.Contains("Nothing was queued.", waited.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Document(await down.CliAsync("list", "--json")).GetArrayLength());
    }

    [Fact]
    public async Task Show_OfAnUnknownId_IsRefusedAndLeavesTheDatabaseDown()
    {
        var shown = await down.CliAsync("show", $"{Guid.NewGuid()}");
        Assert.Equal((2, ""), (shown.ExitCode, shown.Output));
        Assert.Contains("There is no run and no experiment", shown.Errors, StringComparison.Ordinal);
        AssertDown();
    }

    private static JsonElement Document(CommandRun run) => JsonDocument.Parse(run.Succeeded()).RootElement;

    /// <summary>Nobody owns the folder, and no server answers on the cluster's port.</summary>
    private void AssertDown()
    {
        Assert.False(OwnerLock.IsHeld(down.Data));
        using var record = JsonDocument.Parse(File.ReadAllText(down.Data["postgres.json"]));
        Assert.True(FreePort.IsFree(record.RootElement.GetProperty("port").GetInt32()));
    }
}
