using ChangeDetection.Hosting;

namespace ChangeDetection.Tests.Hosting;

public sealed class CrashPointTests
{
    [Fact]
    public void Reach_NotArmed_DoesNothing() => CrashPoint.Reach("anything");

    [Fact]
    public void Parse_NameAndCount_AreRead()
    {
        Assert.Equal((null, 0), CrashPoint.Parse(null));
        Assert.Equal(("step", 1), CrashPoint.Parse("step"));
        Assert.Equal(("step", 7), CrashPoint.Parse("step:7"));
        Assert.Throws<FormatException>(() => CrashPoint.Parse("step:0"));
        Assert.Throws<FormatException>(() => CrashPoint.Parse("step:x"));
    }
}
