using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class HoldPointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Holds_NotArmed_IsFalse() => Assert.False(HoldPoint.Holds("anything", 1, CancellationToken.None));

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    public void Holds_ARun_FromTheStepInItsFileOn(long step, bool expected) => Assert.Equal(expected, Holds(_folder.Write("run", "5"), step));

    [Fact]
    public void Holds_ARunWhoseFileIsGone_IsFalse()
    {
        var file = _folder.Write("run", "5");
        Assert.True(Holds(file, 5));
        File.Delete(file);
        Assert.False(Holds(file, 5));
    }

    [Fact]
    public void Holds_ARunThatIsAskedToEnd_IsFalseAtOnceAndLeavesTheFile()
    {
        var file = _folder.Write("run", "5");
        Assert.False(HoldPoint.HoldsByFile(file, 5, new CancellationToken(canceled: true)));
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void Holds_ByAFileThatNobodyTakesAway_EndsWithItsName()
    {
        var file = _folder.Write("run", "5");
        File.SetLastWriteTimeUtc(file, (TimeProvider.System.GetUtcNow() - HoldPoint.Limit - TimeSpan.FromMinutes(1)).UtcDateTime);
        Assert.Contains(file, Assert.Throws<TimeoutException>(() => Holds(file, 5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Holds_ByAFileWithoutANumber_EndsWithItsName()
    {
        var file = _folder.Write("run", "soon");
        Assert.Contains(file, Assert.Throws<FormatException>(() => Holds(file, 5)).Message, StringComparison.Ordinal);
    }

    private static bool Holds(string file, long step) => HoldPoint.HoldsByFile(file, step, CancellationToken.None);
}
