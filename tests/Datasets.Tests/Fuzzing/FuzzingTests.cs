using System.Diagnostics;
using System.Globalization;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>Whatever the bytes: what they say, or the reader's own exception; no crash, no hang, no memory beyond the budget.</summary>
[Needs(Resource.Processes)]
public sealed class FuzzingTests(ITestOutputHelper output)
{
    private const int Seed = 20_260_101;
    /// <summary>Runtime, libvips and some images of the fuzzer's limits.</summary>
    private const int MaxPeakMib = 700;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory, MemberData(nameof(Targets))]
    public Task Read_MutatedInputs_AreTakenOrRefused(string target) => RunAsync(target, Seed, TimeSpan.FromSeconds(4), output);

    internal static async Task RunAsync(string target, int seed, TimeSpan time, ITestOutputHelper output)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("fuzz-").FullName, $"{target}-{seed}");
        var command = ChildRole.Command(
            "fuzz", target, seed.ToString(CultureInfo.InvariantCulture), time.TotalSeconds.ToString(CultureInfo.InvariantCulture), file);
        var start = new ProcessStartInfo(command.Program, command.Arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var said = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{target}, seed {seed}, ended with {process.ExitCode}; the input is in {file}\n{await error}");
        output.WriteLine(said);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.InRange(int.Parse(said.Split(' ')[^2], CultureInfo.InvariantCulture), 1, MaxPeakMib);
    }
}
