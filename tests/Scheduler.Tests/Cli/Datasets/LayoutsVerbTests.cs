using ChangeDetection.Datasets.Layouts;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli.Datasets;

public sealed class LayoutsVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Layouts_ListsAll_WithWhatEachIs()
    {
        var listed = await VerbRun.DatasetAsync("layouts");
        Assert.Equal(0, listed.Code);
        Assert.All(DatasetLayouts.All, layout => Assert.Contains($"{layout.Name}: {DatasetLayouts.About(layout.Name)}", listed.Output));
        var json = (await VerbRun.DatasetAsync("layouts", "--json")).Json;
        Assert.Equal(DatasetLayouts.All.Select(layout => layout.Name), json.EnumerateArray().Select(layout => layout.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Layouts_OfOne_PrintsADocumentThatIsOneAgain()
    {
        var printed = await VerbRun.DatasetAsync("layouts", "sysu");
        Assert.Contains("before: \"{split}/time1/{name}.{image}\"", printed.Output);
        await File.WriteAllTextAsync(_folder["mine.yaml"], printed.Output, TestContext.Current.CancellationToken);
        await SmallDataset.SynthesizeAsync(_folder);
        var packed = await VerbRun.DatasetAsync("pack", _folder["source"], "--layout", _folder["mine.yaml"], "--out", _folder["packed"], "--json");
        Assert.Equal(0, packed.Code);
        Assert.Equal("mine", packed.Json.GetProperty("provenance").GetProperty("layout").GetString());
    }

    [Fact]
    public async Task Layouts_AFileWithMistakes_EndsWith2AndItsLines()
    {
        await File.WriteAllTextAsync(_folder["mine.yaml"], "before: \"A/{name}.png\"\nmasks: x\n", TestContext.Current.CancellationToken);
        foreach (var verb in (string[][])[["layouts", _folder["mine.yaml"]], ["pack", _folder.Path, "--layout", _folder["mine.yaml"], "--out", _folder["out"]]])
        {
            var run = await VerbRun.DatasetAsync(verb);
            Assert.Equal(2, run.Code);
            Assert.Contains("mine.yaml:1:1 after: is required and missing", run.Log);
            Assert.Contains("mine.yaml:2:1 masks: is not a known key. Did you mean 'mask'?", run.Log);
        }
        Assert.Contains("There is no layout 'levir'. There are: ab-label, airchange", (await VerbRun.DatasetAsync("layouts", "levir")).Log);
    }
}
