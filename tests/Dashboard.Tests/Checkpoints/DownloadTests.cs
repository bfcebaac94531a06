using System.Net;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Dashboard.Checkpoints;
using ChangeDetection.TestKit;
using ChangeDetection.Weights;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Dashboard.Tests.Checkpoints;

[Needs(Resource.Database, Resource.Processes)]
public sealed class DownloadTests(SeededDashboard dashboard)
{
    [Fact]
    public async Task Weights_OfACheckpoint_AreAFileThatSaysWhatItIs_UnderTheRunsName()
    {
        using var response = await dashboard.Client.GetAsync(CheckpointEndpoints.WeightsAddress(dashboard.Runs.Best));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var file = await WeightsReader.ReadAsync(new MemoryStream(bytes), bytes.Length, "download", default);
        Assert.Equal(dashboard.Runs.Best.WeightsSha256, Safetensors.Sha256(file.Tensors.Values));
        Assert.Equal(("fc-siam-diff", "image"), (file.Meaning!.Network.Name, file.Meaning.Normalization.Kind));
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal($"szada-fc-siam-diff-step{dashboard.Runs.Best.Step}.safetensors", response.Content.Headers.ContentDisposition?.FileName);
        Assert.StartsWith($"\"{dashboard.Runs.Best.WeightsSha256}-", response.Headers.ETag?.Tag, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_WhoseObjectIsDamaged_AreNotSent()
    {
        var checkpoint = await PublishAsync(step: 90_001, damaged: true, stored: true);

        using var response = await dashboard.Client.GetAsync(CheckpointEndpoints.WeightsAddress(checkpoint));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("is damaged", await response.Content.ReadAsStringAsync());
        Assert.Null(response.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task Weights_WhoseObjectIsGone_AreNotFound()
    {
        var checkpoint = await PublishAsync(step: 90_002, damaged: false, stored: false);

        using var response = await dashboard.Client.GetAsync(CheckpointEndpoints.WeightsAddress(checkpoint));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("there is no object", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Weights_OfNoCheckpoint_AreNotFound()
    {
        using var response = await dashboard.Client.GetAsync($"/runs/{dashboard.Runs.Trained}/checkpoints/1-1/weights.safetensors");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Picture_OfARun_IsShownInPlaceAndNothingElseIs()
    {
        var run = dashboard.Runs.RunningClaim;
        var key = new ObjectKey($"runs/{run.Run}/report.html");
        byte[] html = [.. "<script>alert(1)</script>"u8];
        await dashboard.Store.PutAsync(key, (stream, token) => stream.WriteAsync(html, token).AsTask(), default);
        await dashboard.Runs.WriteAsync(run, fence => ArtifactStore.AddAsync(fence, new ArtifactRecord
        {
            Name = "reports/report.html",
            ObjectKey = key.Value,
            ContentType = "text/html",
            Bytes = html.Length,
            Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(html)),
        }, default));

        using var picture = await dashboard.Client.GetAsync($"/runs/{dashboard.Runs.Evaluated}/artifacts/sample-0000.png");
        using var report = await dashboard.Client.GetAsync($"/runs/{run.Run}/artifacts/reports/report.html");

        Assert.Equal("image/png", picture.Content.Headers.ContentType?.MediaType);
        Assert.Equal(SamplePicture.Draw(0), await picture.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", report.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", report.Content.Headers.ContentDisposition?.DispositionType);
    }

    private async Task<CheckpointRecord> PublishAsync(long step, bool damaged, bool stored)
    {
        var claim = dashboard.Runs.RunningClaim;
        byte[] weights = [1, 2, 3, 4];
        var checkpoint = new CheckpointRecord
        {
            RunId = claim.Run,
            Attempt = claim.Attempt,
            Step = step,
            Prefix = $"runs/{claim.Run}/checkpoints/{step}-a{claim.Attempt}",
            WeightsSha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(weights)),
        };
        var key = new ObjectKey(checkpoint.Prefix) / "weights.safetensors";
        byte[] bytes = damaged ? [1, 2, 3, 5] : weights;
        if (stored)
            await dashboard.Store.PutAsync(key, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), default);
        await dashboard.Runs.WriteAsync(claim, fence => CheckpointStore.AddAsync(fence, checkpoint, default));
        return checkpoint;
    }
}
