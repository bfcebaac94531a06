using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Runs;

[Needs(Resource.Database, Resource.Processes)]
public sealed partial class RunEndpointsTests(SeededDashboard dashboard)
{
    [Fact]
    public async Task Metric_AfterAStep_HasExactlyThePointsBehindIt()
    {
        var all = await dashboard.Client.GetFromJsonAsync<MetricColumns>($"/runs/{dashboard.Runs.Trained}/metrics/val/f1");
        var rest = await dashboard.Client.GetFromJsonAsync<MetricColumns>($"/runs/{dashboard.Runs.Trained}/metrics/val/f1?after={all!.Steps[^3]}");

        Assert.Equal(30, all.Steps.Length);
        Assert.Equal(dashboard.Runs.LastValF1, all.Values[^1]);
        Assert.Equal(all.Steps[^2..], rest!.Steps);
        Assert.Equal([29, 30], rest.Epochs);
    }

    [Fact]
    public async Task Metric_ThatIsNotANumber_ComesAsAWord()
    {
        var claim = dashboard.Runs.RunningClaim;
        await dashboard.Runs.WriteAsync(claim, fence => MetricStore.AddAsync(
            fence, [new("val/odd", 1, 0, double.NaN), new("val/odd", 2, 0, double.PositiveInfinity)], default));

        var json = await dashboard.PageAsync($"/runs/{claim.Run}/metrics/val/odd");

        Assert.Contains("[\"NaN\",\"Infinity\"]", json);
    }

    [Fact]
    public async Task Csv_OfARun_HasEveryPointAndALineForIt()
    {
        var lines = (await dashboard.PageAsync($"/runs/{dashboard.Runs.Evaluated}/metrics.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("name,step,epoch,value", lines[0]);
        Assert.Equal(12, lines.Length);
        Assert.Contains("test/f1,1410,30,0.5921", lines);
    }

    [Fact]
    public async Task Log_OfARun_IsPlainTextFromItsFirstLine()
    {
        using var response = await dashboard.Client.GetAsync($"/runs/{dashboard.Runs.Trained}/log.txt");
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("data set szada: 1500 of 3136 crops of 112 px per epoch", lines[0]);
        Assert.Equal(37, lines.Length);
    }

    [Fact]
    public async Task Cancel_WithTheTokenOfThePage_CancelsAndLeadsBack()
    {
        var run = dashboard.Runs.ToCancel;
        using var response = await PageForm.PostAsync(dashboard, $"/runs/{run}", $"/runs/{run}/cancel");

        Assert.Equal(System.Net.HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal($"/runs/{run}", response.Headers.Location?.OriginalString);
        var after = await new RunStore(dashboard.Database.DataSource).FindAsync(run, default);
        Assert.Equal((RunState.Cancelled, "cancelled by the user"), (after!.State, after.Reason));
    }

    [Fact]
    public async Task PauseResumeRetry_WithTheButtonsOfThePage_SteerTheRun()
    {
        var run = dashboard.Runs.ToSteer;
        await ButtonsAsync(run, "pause", "cancel");
        await PostAsync(run, "pause", System.Net.HttpStatusCode.Redirect, RunState.Paused);
        await ButtonsAsync(run, "resume", "cancel");
        await PostAsync(run, "resume", System.Net.HttpStatusCode.Redirect, RunState.Queued);
        await PostAsync(run, "cancel", System.Net.HttpStatusCode.Redirect, RunState.Cancelled);
        await ButtonsAsync(run, "retry");
        await PostAsync(run, "retry", System.Net.HttpStatusCode.Redirect, RunState.Queued);

        // A page that is older than the run: nothing changes, and the answer says why.
        var refused = await PostAsync(run, "resume", System.Net.HttpStatusCode.Conflict, RunState.Queued);
        Assert.Contains("The run has moved on", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buttons_OfARunThatSucceeded_AreNone() => await ButtonsAsync(dashboard.Runs.Trained);

    private async Task<string> PostAsync(Guid run, string verb, System.Net.HttpStatusCode expected, RunState state)
    {
        using var response = await PageForm.PostAsync(dashboard, $"/runs/{run}", $"/runs/{run}/{verb}");
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(state, (await new RunStore(dashboard.Database.DataSource).FindAsync(run, default))!.State);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Waits for the forms of a run's page to be those of these verbs: viewers share a reading, which may be a moment old.</summary>
    private Task ButtonsAsync(Guid run, params string[] verbs) => Eventually.TrueAsync(
        $"the buttons {string.Join(", ", verbs)}",
        async () => ActionOf().Matches(await dashboard.PageAsync($"/runs/{run}")).Select(match => match.Groups[1].Value).SequenceEqual(verbs),
        TimeSpan.FromSeconds(10));

    [GeneratedRegex("action=\"/runs/[0-9a-f-]+/([a-z]+)\"")]
    private static partial Regex ActionOf();
}
