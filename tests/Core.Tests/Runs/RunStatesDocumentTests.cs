using System.Text;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>The page that people read and the table that the code obeys are one.</summary>
public sealed class RunStatesDocumentTests
{
    private const string Begin = "<!-- from RunTransitions: a test holds this part against the table -->\n";
    private const string End = "<!-- end -->";

    [Fact]
    public void Page_OfTheRunStates_ShowsTheTableOfTransitions()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "run-states.md"));

        var shown = page.Split(Begin)[1].Split(End)[0];

        Assert.True(Expected() == shown, $"docs/run-states.md differs from RunTransitions. Between its marks must stand:\n{Expected()}");
    }

    private static string Expected()
    {
        var text = new StringBuilder("```mermaid\nstateDiagram-v2\n    [*] --> queued: submit\n");
        foreach (var (from, to, @event, _) in RunTransitions.All)
            text.Append($"    {from.Word()} --> {to.Word()}: {@event}\n");
        foreach (var state in Enum.GetValues<RunState>().Where(state => state.IsTerminal()))
            text.Append($"    {state.Word()} --> [*]\n");
        text.Append("```\n\n| from | to | who makes it |\n|---|---|---|\n");
        foreach (var (from, to, _, by) in RunTransitions.All)
            text.Append($"| {from.Word()} | {to.Word()} | {by}. |\n");
        return text.ToString();
    }
}
