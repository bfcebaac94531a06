using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Tests.Cli;

public sealed class TextTableTests
{
    private const string Id = "01a2296b-656f-71f5-81df-7f7f71f406d6";

    [Fact]
    public void Draw_WithRoomForAll_ShowsEveryCellWhole_NumbersToTheRight()
    {
        var (text, leftOut) = Runs().Draw(int.MaxValue);
        Assert.Equal(
            $"""
            ID                                    Name               State   Progress  ETA          Reason
            ────────────────────────────────────  ─────────────────  ──────  ────────  ───────────  ───────────────────────────────────────────────
            {Id}  demo-fc-siam-diff  queued      15 %  34 min 17 s  its worker shut down after a long and busy day…
            {Id}  x                  failed     100 %

            """, text, ignoreLineEndingDifferences: true);
        Assert.Empty(leftOut);
    }

    [Theory]
    [InlineData(120, new string[0])]
    [InlineData(100, new[] { "Reason" })]
    [InlineData(80, new[] { "ETA", "Reason" })]
    [InlineData(62, new[] { "Progress", "ETA", "Reason" })]
    [InlineData(1, new[] { "Progress", "ETA", "Reason" })]
    public void Draw_OnANarrowTerminal_LeavesOutWhatMattersLeast_AndBreaksNoLine(int width, string[] expected)
    {
        var (text, leftOut) = Runs().Draw(width);
        var lines = text.TrimEnd().Split('\n');
        Assert.Equal(expected, leftOut);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, Math.Max(width, 58)));
        Assert.All(lines[2..], line => Assert.StartsWith(Id, line, StringComparison.Ordinal));
    }

    [Fact]
    public void Draw_ColumnsThatSayNothing_GoFirstAndAreNotMissed()
    {
        var table = new TextTable(new("Name"), new("Empty", Rank: 1), new("Kind", Rank: 2));
        table.Add("a", "", "train");
        var (text, leftOut) = table.Draw(12);
        Assert.Contains("Kind", text, StringComparison.Ordinal);
        Assert.Empty(leftOut);
    }

    private static TextTable Runs()
    {
        var table = new TextTable(
            new("ID"), new("Name", Least: 12), new("State"), new("Progress", Rank: 1, IsNumber: true), new("ETA", Rank: 2), new("Reason", Rank: 3, Least: 20));
        table.Add(Id, "demo-fc-siam-diff", "queued", "15 %", "34 min 17 s", "its worker shut down after a long and busy day\nits last lines:");
        table.Add(Id, "x", "failed", "100 %", "", "");
        return table;
    }
}
