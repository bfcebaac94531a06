using ChangeDetection.TestKit;


namespace ChangeDetection.Worker.Tests.Check;

[Needs(Resource.Processes)]
public sealed class CheckVerbTests
{
    /// <summary>Its steps have five times the usual limits: other tests may run beside it.</summary>
    private static readonly string[] s_patientAndSmall = ["--libtorch", WorkerCheck.Libtorch, "--models", "fc-siam-diff", "--seconds", "1800"];

    [Fact]
    public async Task Check_OnTheCpu_TakesEveryStepAndReportsIt()
    {
        using var check = await WorkerCheck.RunAsync(["--device", "cpu", .. s_patientAndSmall]);

        Assert.Equal(
            ["libtorch", "load", "device", "tensor", "step", "resume fc-siam-diff", "throughput fc-siam-diff"],
            check.States.Select(step => step.Name));
        Assert.All(check.States, step => Assert.Equal("ok", step.State));
        Assert.Equal(0, check.ExitCode);
        Assert.True(check.Report.GetProperty("ok").GetBoolean());
        Assert.Contains("libtorch 2.10.0, without CUDA", check.Steps[2].GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.InRange(check.Steps[4].GetProperty("figures").GetProperty("loss").GetDouble(), 0.1, 10);
        Assert.True(check.Steps[6].GetProperty("figures").GetProperty("step_ms").GetDouble() > 0);
        Assert.Contains("result: all 7 steps are ok", check.Text, StringComparison.Ordinal);
        Assert.Contains(check.Text.Split('\n')[^2], check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_FolderWithoutLibtorch_SaysWhatIsMissingAndWhatItCouldNotTry()
    {
        using var empty = new TemporaryFolder();

        using var check = await WorkerCheck.RunAsync("--device", "cpu", "--libtorch", empty.Path);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains($"'{empty.Path}' holds no libc10.so, no libtorch_cpu.so, no libtorch.so", check.Error("libtorch"), StringComparison.Ordinal);
        Assert.All(check.States.Skip(1), step => Assert.Equal("skipped", step.State));
        Assert.Contains("it needs 'libtorch', which failed", check.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_LibraryThatAnotherNeedsIsMissing_IsNamed_AndLaterStepsThatCanBeTriedAre()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in Directory.EnumerateFiles(WorkerCheck.Libtorch, "*.so*").Select(file => Path.GetFileName(file)))
        {
            if (!name.StartsWith("libgomp", StringComparison.Ordinal))
                File.CreateSymbolicLink(folder[name], Path.Combine(WorkerCheck.Libtorch, name));
        }

        using var check = await WorkerCheck.RunAsync("--device", "cpu", "--libtorch", folder.Path);

        Assert.Equal(1, check.ExitCode);
        Assert.Matches(@"libtorch_cpu\.so: libgomp-\w+\.so\.1: cannot open shared object file", check.Error("load"));
        Assert.Contains("libgomp", check.Error("device"), StringComparison.Ordinal);
        Assert.Equal([("libtorch", "ok"), ("load", "failed"), ("device", "failed"), ("tensor", "skipped")], check.States.Take(4));
    }

    [Fact]
    public async Task Check_DeviceThatIsNotThere_FailsWithTheDriversWords_AndTriesTheCpu()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidiactl"), "this machine has a GPU");

        using var check = await WorkerCheck.RunAsync(["--device", "cuda:0", .. s_patientAndSmall]);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains("libtorch_cuda.so: it is not in", check.Error("load"), StringComparison.Ordinal);
        Assert.Contains("libcuda.so.1", check.Error("device"), StringComparison.Ordinal);
        Assert.Contains(("cpu-step", "ok"), check.States);
        Assert.Contains(("step", "skipped"), check.States);
    }

    [Theory]
    [InlineData("--device", "tpu", "'tpu' is no device")]
    [InlineData("--models", "unet", "there is no network 'unet'")]
    [InlineData("--seconds", "0", "--seconds is '0'")]
    [InlineData("--fast", "1", "there is no option '--fast'")]
    public async Task Check_WrongOption_IsRefusedWithTheUsage(string option, string value, string said)
    {
        using var check = await WorkerCheck.RunAsync(option, value);

        Assert.Equal(2, check.ExitCode);
        Assert.Contains(said, check.Output, StringComparison.Ordinal);
        Assert.Contains("--libtorch", check.Output, StringComparison.Ordinal);
    }
}
