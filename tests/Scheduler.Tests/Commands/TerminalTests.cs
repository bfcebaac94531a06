using ChangeDetection.Scheduler.Commands;

namespace ChangeDetection.Scheduler.Tests.Commands;

public sealed class TerminalTests
{
    [Fact]
    public void Result_TextThatWouldRepaintTheTerminal_IsMadeHarmless()
    {
        var output = new StringWriter();
        new Terminal(output, TextWriter.Null, interactive: false, TimeProvider.System).Result("a\u001b[2Jb\rc\u202ed\u0007 ü");
        Assert.Equal("a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFD ü\n", output.ToString());
    }

    [Fact]
    public async Task Progress_WithoutATerminal_IsALineNowAndThen()
    {
        var (log, time) = (new StringWriter(), new HandClock());
        await new Terminal(TextWriter.Null, log, interactive: false, time).WithProgressAsync(progress =>
        {
            for (var done = 0; done <= 100; done++)
            {
                progress.Report(new("packing", done, 100));
                time.Seconds += 0.125;
            }
            return Task.FromResult(0);
        });
        Assert.Equal("packing 0 %\npacking 40 %\npacking 80 %\npacking 100 %\n", log.ToString());
    }

    private sealed class HandClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 8;

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }
}
