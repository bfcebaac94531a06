using System.Text;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Tests.Shards;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>Files that do not fit a layout: the message says where they would be, what lacks them, and what is there instead.</summary>
public sealed class MismatchTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData("a.png.txt", "The nearest to train/label/a.{image} is train/label/a.png.txt (another name).")]
    [InlineData("a.gif", "The nearest to train/label/a.{image} is train/label/a.gif (another suffix).")]
    [InlineData("A.GIF", "The nearest to train/label/a.{image} is train/label/A.GIF (another case).")]
    public async Task Missing_AMaskOfAnotherSuffixOrCase_IsNamed(string name, string nearest)
    {
        _source.AddSysu("train", "sound").AddSysu("train", "a");
        File.Move(_source["train/label/a.png"], _source[$"train/label/{name}"]);
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.StartsWith("train/a: the mask is missing: train/label has no image of that name. Add it, or remove the pair's other files.", message);
        Assert.EndsWith(nearest, message);
    }

    /// <summary>Both names are of the template, so that two pairs lack something; each has the other's file for its nearest.</summary>
    [Theory]
    [InlineData("scene_1", "Scene_1", "another case")]
    [InlineData("scene_1", "scene_1_label", "another name")]
    [InlineData("scene_1", "scene_\uFF11", "another Unicode form")]
    [InlineData("scene_1", "scne_1", "another name")]
    public async Task Missing_AMaskOfASimilarName_IsNamed(string image, string mask, string how)
    {
        _source.AddSysu("train", "sound").AddSysu("train", image);
        File.Move(_source[$"train/label/{image}.png"], _source[$"train/label/{mask}.png"]);
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.Contains($"train/{image}: the mask is missing", message);
        Assert.Contains($"The nearest to train/label/{image}.{{image}} is train/label/{mask}.png ({how}).", message);
        Assert.Contains($"train/{mask}: the before image is missing", message);
    }

    [Fact]
    public async Task Missing_ManyMasks_AreOneSentenceWithTemplateCountNamesAndNearest()
    {
        for (var number = 0; number < 7; number++)
        {
            _source.AddSysu("train", $"tile{number}");
            File.Move(_source[$"train/label/tile{number}.png"], _source[$"train/label/tile{number}.jp2x"]);
        }
        Assert.Equal(
            "7 of 7 samples lack the mask, which the layout has at {split}/label/{name}.{image}: train/tile0, train/tile1, train/tile2, train/tile3, " +
            "train/tile4, …. Add the files, correct their names, or choose another --layout. The nearest to train/label/tile0.{image} is " +
            "train/label/tile0.jp2x (another suffix).",
            await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Missing_MasksOfAnotherNaming_AreTwoSentences()
    {
        foreach (var name in new[] { "a1", "a2" })
        {
            _source.AddSysu("train", name);
            File.Move(_source[$"train/label/{name}.png"], _source[$"train/label/{name}_mask.png"]);
        }
        var lines = (await _source.RefusedAsync<DatasetSourceException>()).Split('\n');
        Assert.StartsWith("2 of 4 samples lack the mask, which the layout has at {split}/label/{name}.{image}: train/a1, train/a2.", lines[0]);
        Assert.EndsWith("The nearest to train/label/a1.{image} is train/label/a1_mask.png (another name).", lines[0]);
        Assert.StartsWith(
            "2 of 4 samples lack the before image and the after image, which the layout has at {split}/time1/{name}.{image} and " +
            "{split}/time2/{name}.{image}: train/a1_mask, train/a2_mask.", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public async Task Missing_AFolderOfASplit_IsNamedWithTheNearest()
    {
        _source.AddSysu("train", "a");
        Directory.Move(_source["train/label"], _source["train/Labels"]);
        Assert.Equal(
            "train lacks the folder train/label. Add what is missing, or choose another --layout. The nearest to train/label is train/Labels (another name).",
            await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Missing_AFolder_IsNamedWithTheNearest()
    {
        foreach (var name in new[] { "a", "b" })
        {
            _source.Write($"A/{name}.png", PatternImages.Rgb(seed: 1));
            _source.Write($"B/{name}.png", PatternImages.Rgb(seed: 2));
            _source.Write($"labels/{name}.png", PatternImages.Grey(16, 16, 0, 255));
        }
        var message = await _source.RefusedAsync<DatasetSourceException>("ab-label", splits: "train=*");
        Assert.Contains("2 of 2 samples lack the mask, which the layout has at label/{name}.{image}: a, b.", message);
        Assert.EndsWith("There is no folder label; the nearest is labels (another name).", message);
    }

    [Fact]
    public async Task Missing_OfAListedPair_NamesTheLine()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            _source.Write($"A/{name}.png", PatternImages.Rgb(seed: 1));
            _source.Write($"B/{name}.png", PatternImages.Rgb(seed: 2));
            if (name == "a")
                _source.Write($"label/{name}.png", PatternImages.Grey(16, 16, 0, 255));
        }
        _source.Write("list/train.txt", "a\nb\nc\n"u8.ToArray());
        Assert.StartsWith(
            "2 of 3 samples lack the mask, which the layout has at label/{name}.{image}: b (list/train.txt, line 2), c (list/train.txt, line 3).",
            await _source.RefusedAsync<DatasetSourceException>("ab-label"));
    }

    [Theory]
    [InlineData("training/time1/a.png", "There is no folder train; the nearest is training (another name).")]
    [InlineData("elsewhere/a.png", "There is no folder train; SOURCE holds elsewhere/.")]
    public async Task Nothing_ThatFits_NamesTemplateAndWhatIsThere(string path, string instead)
    {
        _source.Write(path, PatternImages.Rgb(seed: 1));
        var message = await _source.RefusedAsync<PackRequestException>();
        Assert.Contains("holds no pair of the layout 'sysu', which is {train,val,test}/{time1,time2,label}/NAME.png.", message);
        Assert.EndsWith(instead, message);
    }

    [Fact]
    public async Task Bands_ThatTheImagesHaveNot_AreNamed()
    {
        _source.AddSysu("train", "a");
        var mine = Path.Combine(_source.Source, "mine.yaml");
        await File.WriteAllTextAsync(
            mine, DatasetLayouts.TextOfDocument("sysu") + "bands: [red, green, blue, nir]\n", TestContext.Current.CancellationToken);
        Assert.Contains(
            "The layout 'mine' names 4 bands (red, green, blue, nir), and the images have 3 channels",
            await _source.RefusedAsync<DatasetSourceException>(mine));
    }

    /// <summary>macOS writes é as e and an accent (NFD), Linux as one letter (NFC): they are one name, and stay readable.</summary>
    [Fact]
    public async Task Names_InEitherUnicodeForm_AreOnePair()
    {
        var (composed, decomposed) = ("Besançon_東京", "Besançon_東京".Normalize(NormalizationForm.FormD));
        Assert.NotEqual(composed, decomposed);
        _source.Write($"A/{composed}.png", PatternImages.Rgb(seed: 1));
        _source.Write($"B/{decomposed}.png", PatternImages.Rgb(seed: 2));
        _source.Write($"label/{decomposed}.png", PatternImages.Grey(16, 16, 0, 255));
        _source.Write("list/train.txt", Encoding.UTF8.GetBytes($"{decomposed}.png"));
        Assert.Equal([composed], (await PackedAsync()).Keys);
    }

    [Fact]
    public async Task Names_InBothFormsInOneFolder_AreTwoFilesOfOneName()
    {
        _source.AddSysu("train", "é");
        _source.Write("train/label/e\u0301.png", PatternImages.Grey(16, 16, 0, 255));
        Assert.Contains("have one name, so it is not clear which is the mask", await _source.RefusedAsync<DatasetSourceException>());
    }

    private async Task<Dictionary<string, Imaging.Pixels.PixelImage>> PackedAsync()
    {
        await _source.PackAsync("ab-label");
        return await _source.MasksAsync("train");
    }
}
