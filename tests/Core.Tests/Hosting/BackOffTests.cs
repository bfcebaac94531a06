using ChangeDetection.Core.Hosting;
using CsCheck;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class BackOffTests
{
    [Fact]
    public void After_Doubles_UpToTheLongest_AndForgetsAfterAHealthyLife()
    {
        var waits = new List<double>();
        TimeSpan? wait = null;
        for (var death = 0; death < 7; death++)
        {
            wait = BackOff.Default.After(wait, TimeSpan.FromSeconds(59));
            waits.Add(wait.Value.TotalSeconds);
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], waits);
        Assert.Equal(TimeSpan.FromSeconds(1), BackOff.Default.After(wait, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Pause_DoublesUpToTheLongest() => Gen.Select(Gen.Int[1, 10_000], Gen.Int[1, 100_000], Gen.Int[1, 1000]).Sample((first, longest, failures) =>
    {
        var backOff = new BackOff(TimeSpan.FromMilliseconds(first), TimeSpan.FromMilliseconds(Math.Max(first, longest)));
        var pause = backOff.Pause(failures);
        Assert.Equal(backOff.First, backOff.Pause(1));
        Assert.Equal(TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, backOff.Longest.Ticks)), backOff.Pause(failures + 1));
        // The same waits whether failures are counted or the last wait is remembered.
        Assert.Equal(backOff.Pause(failures + 1), backOff.After(pause, TimeSpan.FromDays(1)));
    });
}
