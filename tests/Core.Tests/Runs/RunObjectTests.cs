using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Tests.Runs;

public sealed class RunObjectTests
{
    private static readonly Guid s_run = Guid.Parse("0198c0de-0000-7000-8000-000000000001");

    [Fact]
    public void Parse_WhatAttemptsWrite_GivesRunAttemptAndWhatARowRefersTo()
    {
        var checkpoint = RunObject.Checkpoint(s_run, 40, 3);
        Assert.Equal($"runs/{s_run}/checkpoints/000000040-a3", checkpoint.Value);
        Assert.Equal(new RunObject(s_run, 3, checkpoint.Value), RunObject.Parse(checkpoint / "weights.safetensors"));
        var picture = RunObject.Picture(s_run, "000001-a7.b-a2", 12);
        Assert.Equal(new RunObject(s_run, 12, picture.Value), RunObject.Parse(picture));
        foreach (var name in new[] { RunObject.ReportPage, RunObject.ReportJson })
        {
            var report = RunObject.Report(s_run, name, 2);
            Assert.Equal(new RunObject(s_run, 2, report.Value), RunObject.Parse(report));
        }
        var upload = RunObject.Upload(s_run, "weights.pth");
        Assert.Equal(new RunObject(s_run, 0, $"runs/{s_run}/upload-a0"), RunObject.Parse(upload));
    }

    [Theory]
    [InlineData("runs/x/checkpoints/1-a1/w")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/checkpoints/1-a1")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/checkpoints/1-a1/deeper/w")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/checkpoints/1/w")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/checkpoints/1-a99999999999/w")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/notes.txt")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/upload-a1/w.pth")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/pictures/a.png")]
    [InlineData("runs/0198c0de-0000-7000-8000-000000000001/reports/report.html")]
    [InlineData("elsewhere/runs/0198c0de-0000-7000-8000-000000000001/checkpoints/1-a1/w")]
    public void Parse_AnythingElse_IsNobodysOfOurs(string key) => Assert.Null(RunObject.Parse(new ObjectKey(key)));
}
