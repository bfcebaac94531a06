using System.Net;
using ChangeDetection.Dashboard.Layout;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Runs;

[Needs(Resource.Database, Resource.Processes)]
public sealed class PagesTests(SeededDashboard dashboard)
{
    [Fact]
    public async Task Runs_OfSeededExperiments_ShowStatesReasonsAndScores()
    {
        var page = await dashboard.PageAsync("/");

        Assert.Contains("szada-fc-siam-diff", page);
        Assert.Contains("szada-siamese-lr", page);
        Assert.Contains(DisplayFormat.Score(dashboard.Runs.LastValF1), page);
        Assert.Contains("0.5921", page);
        Assert.Contains(SeededRuns.FailureReason.Split('\'')[0], page);
        Assert.Contains($"waits for <a href=\"/runs/{dashboard.Runs.Running}\">", Squeezed(page));
        Assert.Contains("altair cpu", page);
        foreach (var state in new[] { "queued", "running", "succeeded", "failed" })
            Assert.Contains($"badge {state}", page);
    }

    [Fact]
    public async Task Runs_FilteredByTheAddress_ShowOnlyThose()
    {
        var page = await dashboard.PageAsync("/?state=failed&q=lr%3D3e-2");

        Assert.Contains($"/runs/{dashboard.Runs.Failed}", page);
        Assert.DoesNotContain($"/runs/{dashboard.Runs.Running}", page);
    }

    [Fact]
    public async Task Runs_OfArchivedExperiments_AreShownWhereTheyAreAskedFor_Alone()
    {
        var (usual, archived) = (await dashboard.PageAsync("/"), await dashboard.PageAsync("/?archived=true"));

        Assert.DoesNotContain("old-baseline", usual);
        Assert.Contains("name=\"archived\"", usual);
        Assert.Contains($"/runs/{dashboard.Runs.Archived}", archived);
        Assert.DoesNotContain($"/runs/{dashboard.Runs.Trained}", archived);
        var page = await dashboard.PageAsync($"/runs/{dashboard.Runs.Archived}");
        Assert.Contains("archived", page);
        Assert.DoesNotContain("/retry\"", page);
    }

    [Fact]
    public async Task Run_ThatTrained_ShowsCheckpointsConfigAndItsEvaluation()
    {
        var page = await dashboard.PageAsync($"/runs/{dashboard.Runs.Trained}");

        Assert.Contains($"/runs/{dashboard.Runs.Evaluated}", page);
        Assert.Contains(dashboard.Runs.Best.WeightsSha256, page);
        Assert.Contains("train/loss val/loss", page);
        Assert.Contains("# as it was written", page);
        Assert.Contains("samples_per_epoch: 1500", page);
        Assert.Contains("libtorch 2.10.0", page);
        // It has ended: nothing holds it up any more, and what its loader did is still told.
        Assert.DoesNotContain("The loader holds training up", page);
        Assert.Contains("170 hits · 22 misses", page);
        // The sweep was submitted with the same digest.
        Assert.Contains("The same config, so the same results", page);
        Assert.DoesNotContain("/cancel\"", page);
    }

    [Fact]
    public async Task Run_ThatWasPreempted_ShowsBothAttemptsAndTheLog()
    {
        var page = await dashboard.PageAsync($"/runs/{dashboard.Runs.Running}");

        Assert.Contains("preempted", page);
        Assert.Contains("its worker drained", page);
        Assert.Contains("4102", page);
        Assert.Contains("41.8 samples/s", page);
        Assert.Contains("The loader holds training up: 10 of the last 30 s went by waiting for decoded images. Raise loader.decoders", page);
        Assert.Contains("700 MiB", page);
        Assert.Contains("170 hits · 22 misses", page);
        Assert.Contains("700 MiB read, waited 14 s for data", page);
        Assert.Contains("/cancel\"", page);
    }

    [Fact]
    public async Task Run_ThatEvaluated_ShowsTestNumbersAndPictures()
    {
        var page = await dashboard.PageAsync($"/runs/{dashboard.Runs.Evaluated}");

        Assert.Contains("test/kappa", page);
        Assert.Contains("0.5664", page);
        Assert.Contains($"/runs/{dashboard.Runs.Evaluated}/artifacts/sample-0000.png", page);
    }

    [Fact]
    public async Task Run_ThatEvaluated_LinksItsReport_WhichIsShownInAnOriginOfItsOwn()
    {
        var address = $"/runs/{dashboard.Runs.Evaluated}/artifacts/report.html";
        var page = await dashboard.PageAsync($"/runs/{dashboard.Runs.Evaluated}");
        Assert.Contains($"href=\"{address}\"", page);
        Assert.Contains($"/runs/{dashboard.Runs.Evaluated}/artifacts/report.json", page);
        Assert.Contains("test/average_precision", page);
        // Beside the headline's scores only the few that change a decision.
        Assert.DoesNotContain("image_mean", page);

        using var report = await dashboard.Client.GetAsync(address);
        Assert.Equal("text/html", report.Content.Headers.ContentType!.MediaType);
        Assert.Equal(SeededRuns.ReportPage, await report.Content.ReadAsStringAsync());
        var policy = Assert.Single(report.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy);
        Assert.EndsWith("; sandbox", policy);
        Assert.DoesNotContain("script-src", policy);
        using var data = await dashboard.Client.GetAsync($"/runs/{dashboard.Runs.Evaluated}/artifacts/report.json");
        Assert.Equal("attachment", data.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task Queues_WithAGpuRunAndNoGpuWorker_SayWhatItWaitsFor()
    {
        var page = await dashboard.PageAsync("/queues");

        Assert.Contains("waits for a gpu worker", page);
        Assert.Contains("q4-gpu", page);
        Assert.Contains("served", page);
        Assert.Contains($"waits for <a href=\"/runs/{dashboard.Runs.Running}\">", Squeezed(page));
    }

    [Fact]
    public async Task Workers_WithARunningSlot_ShowDeviceRunAndTrainer()
    {
        var page = await dashboard.PageAsync("/workers");

        Assert.Contains("AMD EPYC 7B13, 2 threads", page);
        Assert.Contains($"/runs/{dashboard.Runs.Running}", page);
        Assert.Contains("4102", page);
        Assert.Contains("idle", page);
    }

    [Fact]
    public async Task Names_ThatAreMarkup_AreShownAsText()
    {
        foreach (var path in new[] { "/", $"/runs/{dashboard.Runs.Injected}", "/queues" })
        {
            var page = await dashboard.PageAsync(path);
            Assert.DoesNotContain("<img src=x", page);
            Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page);
        }
        var log = await dashboard.PageAsync($"/runs/{dashboard.Runs.Running}");
        Assert.DoesNotContain("<script>alert", log);
        Assert.Contains("&lt;script&gt;alert(&#x27;log&#x27;)&lt;/script&gt;", log);
    }

    [Theory]
    [InlineData("/runs/00000000-0000-0000-0000-000000000001")]
    [InlineData("/nowhere")]
    public async Task Page_ThatDoesNotExist_IsNotFoundAndSaysSo(string path)
    {
        using var response = await dashboard.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no such page", await response.Content.ReadAsStringAsync());
    }

    private static string Squeezed(string page) => string.Join(' ', page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task Health_Always_Answers() => Assert.Equal("ok", await dashboard.PageAsync("/healthz"));
}
