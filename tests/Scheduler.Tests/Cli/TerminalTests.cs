using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Tests.Cli;

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
    public void Write_ATableWithEscapeSequencesInItsCells_IsMadeHarmless()
    {
        var output = new StringWriter();
        var table = new TextTable(new("ID"), new("Name"));
        table.Add("1", "a\u001b[2Jb\u009b31mc");
        new Terminal(output, TextWriter.Null, interactive: false, TimeProvider.System).Write(table);
        Assert.Contains("a\uFFFD[2Jb\uFFFD31mc", output.ToString());
        Assert.DoesNotContain(output.ToString(), character => char.IsControl(character) && character != '\n');
    }

    [Fact]
    public void Document_WithStringsThatWouldRepaintTheTerminal_MeansTheSameAndIsHarmless()
    {
        var (output, name) = (new StringWriter(), "a\u001b[2Jb\u202ec\u2028\td");
        new Terminal(output, TextWriter.Null, interactive: false, TimeProvider.System).Document(OutputJson.Write(new { name }));
        Assert.DoesNotContain(output.ToString(), character => character is '\u001b' or '\u202e' or '\u2028');
        Assert.Equal(name, System.Text.Json.JsonDocument.Parse(output.ToString()).RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public void OneLine_TextOfTwo_CannotPassForTwo() =>
        Assert.Equal("error: x\uFFFD2026-01-01 [1] info: all is well", Terminal.OneLine("error: x\n2026-01-01 [1] info: all is well"));

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
