using System.Collections.Concurrent;
using System.Reflection;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class CrashPointTests
{
    private readonly ConcurrentDictionary<string, int> _reached = new();

    [Fact]
    public void Reach_NotArmed_DoesNothing() => CrashPoint.Reach("anything");

    [Fact]
    public void Parse_NameAndCount_AreRead()
    {
        Assert.Equal(("step", 1), CrashPoint.Parse("step"));
        Assert.Equal(("step", 7), CrashPoint.Parse("step:7"));
        Assert.Throws<FormatException>(() => CrashPoint.Parse("step:0"));
        Assert.Throws<FormatException>(() => CrashPoint.Parse("step:x"));
    }

    [Fact]
    public void IsDue_ByName_AtThatCountAlone() =>
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(_ => CrashPoint.IsDue("step:2", "step", _reached)));

    [Fact]
    public void IsDue_ByFolder_TakesTheFileAlong_SoThatTheNextProcessGoesOn()
    {
        using var folder = new TemporaryFolder();
        folder.Write("step", "2");
        Assert.False(CrashPoint.IsDue(folder.Path, "finish", _reached));
        Assert.False(CrashPoint.IsDue(folder.Path, "step", _reached));
        Assert.True(CrashPoint.IsDue(folder.Path, "step", _reached));
        Assert.False(File.Exists(folder["step"]));
        var restarted = new ConcurrentDictionary<string, int>();
        Assert.All(Enumerable.Range(0, 5), _ => Assert.False(CrashPoint.IsDue(folder.Path, "step", restarted)));
    }

    [Fact]
    public void Names_StandInOnePlace_AndEachIsReachedInTheCode()
    {
        var names = typeof(CrashPoints).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(field => field.Name, field => (string)field.GetValue(null)!);
        var reached = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("CrashPoint.Reach(", StringComparison.Ordinal))
            .Select(line => line.Split("CrashPoint.Reach(")[1].Split(')')[0])
            .ToHashSet();

        Assert.Equal(names.Keys.Select(name => $"CrashPoints.{name}").Order(StringComparer.Ordinal), reached.Order(StringComparer.Ordinal));
        Assert.Equal(
            names.Values.Order(StringComparer.Ordinal),
            CrashPoints.OfAttempts.Concat(CrashPoints.OfCollection).Concat(CrashPoints.OfCache).Concat(CrashPoints.OfBackups)
            .Concat(CrashPoints.OfPrediction).Concat(CrashPoints.OfDeletion).Order(StringComparer.Ordinal));
    }
}
