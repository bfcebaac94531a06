using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>Documents of layouts: what they may say, and that every mistake is named with its line.</summary>
public sealed class LayoutReaderTests
{
    private const string Sound = "before: \"A/{name}.{image}\"\nafter: \"B/{name}.{image}\"\n";

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("- a", "must be a mapping of keys")]
    [InlineData("before: \"A/{name}.png\"", "mine.yaml:1:1 after: is required and missing. It says where the images are")]
    [InlineData(Sound + "maks: \"L/{name}.png\"", "mine.yaml:3:1 maks: is not a known key. Did you mean 'mask'?")]
    [InlineData(Sound + "mask: \"/L/{name}.png\"", "mine.yaml:3:7 mask: must be a path below SOURCE without empty parts, '.' or '..'")]
    [InlineData(Sound + "mask: \"../{name}.png\"", "must be a path below SOURCE")]
    [InlineData(Sound + "mask: \"L/{Name}.png\"", "mask: has '{Name}', which is no placeholder")]
    [InlineData(Sound + "mask: \"L/{name.png\"", "mask: has '{name.png', which is no placeholder")]
    [InlineData(Sound + "mask: \"L/{name}_{name}.png\"", "mask: has {name} twice between two slashes")]
    [InlineData(Sound + "mask: \"{image}/{name}.png\"", "mask: has {image}, which stands for a suffix, before the last part")]
    [InlineData(Sound + "mask: \"L/{name}.{img}\"", "mask: has {img} where a file's suffix stands: the word for any that is read is {image}")]
    [InlineData(Sound + "mask: \"L/**\"", "mask: must end in a file's name, not in **")]
    [InlineData(Sound + "mask: \"L**/{name}.png\"", "mask: has ** beside other letters")]
    [InlineData("before: [\"A/{name}.png\", \"C/{name}.png\"]\nafter: [\"B/{name}.png\"]\nmask: [\"L/{name}.png\", \"M/{name}.png\", \"N/{name}.png\"]",
        "mine.yaml:1:9 before: has 2 templates where another has 3")]
    [InlineData("before: \"a.png\"\nafter: \"b.png\"", "before: has no placeholder")]
    [InlineData("before: \"A/{name}.png\"\nafter: \"A/{name}.png\"", "mine.yaml:2:8 after: is the template of before")]
    [InlineData("before: \"A/{x}.png\"\nafter: \"B/{y}.png\"", "before: and the other templates share the placeholders {x}, {y}, and none has them all")]
    [InlineData("before: \"{region}/A/{n}.png\"\nafter: \"{region}/B/{n}.png\"\nmask: \"{regoin}/L/{n}.png\"", "Is {regoin} meant to be {region}?")]
    [InlineData(Sound + "depth: 9", "mine.yaml:3:8 depth: must be a whole number from 1 to 8 (value was 9)")]
    [InlineData(Sound + "suffixes: [png, gif]", "suffixes: has 'gif', which is no format that is read. There are: png, bmp")]
    [InlineData(Sound + "lists: \"list/train.txt\"", "lists: must hold {split} and no other placeholder")]
    [InlineData("before: \"{split}/A/{name}.png\"\nafter: \"{split}/B/{name}.png\"\nlists: \"{split}.txt\"",
        "lists: stands beside templates that all have {split}")]
    [InlineData(Sound + "split: \"a/b\"", "split: names a split which")]
    [InlineData(Sound + "splits: [train, train]", "splits: has 'train' twice")]
    [InlineData(Sound + "splits: { train: [a, b], val: b }", "splits: has 'b' twice")]
    [InlineData(Sound + "rule: white", "rule: must be black-and-white or one-two-or-white (value was \"white\")")]
    [InlineData(Sound + "rule: { change: bright }", "mine.yaml:3:17 rule.change: must be a comparison such as > 0")]
    [InlineData(Sound + "rule: { change: 1, ignore: \"1,2\" }", "rule: has the value 1 in both '1' and '1,2'")]
    [InlineData(Sound + "rule: { change: 1, classes: { none: 0, a: 1 } }", "rule.change: stands beside classes")]
    [InlineData(Sound + "rule: { classes: { none: 0 } }", "rule.classes: must name 2 to 64 classes")]
    [InlineData(Sound + "rule: { classes: { none: 0, \"a/b\": 1 } }", "rule.classes: names a class 'a/b', which")]
    [InlineData(Sound + "rule: { change: \"#ff0000\", ignore: 3 }", "rule: names some values as colours and others as numbers")]
    [InlineData(Sound + "rule: { band: 0 }", "rule.band: must be a whole number from 1 to 64")]
    [InlineData(Sound + "finder: oscd-cities", "before: stands beside finder: oscd-cities")]
    [InlineData("finder: magic", "finder: must be oscd-cities (value was \"magic\")")]
    [InlineData("finder: oscd-cities", "finder: needs folders beside it")]
    [InlineData("before: \"A/{name}.png\"\nafter: {split}/B/{name}.png\n", "Put a template in quotes, such as")]
    [InlineData("before: \"A/{name}.png\"\nafter: **/B/{name}.png\n", "Put a template in quotes, such as")]
    [InlineData("before: &a \"A/{name}.png\"\nafter: *a", "an alias is not allowed")]
    public void Read_AMistake_IsNamedWithLineKeyAndRule(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => Read(text)).Message);

    [Fact]
    public void Read_SeveralMistakes_AreToldAtOnce()
    {
        var errors = Assert.Throws<ConfigurationException>(() => Read("befor: x\nafter: 3\ndepth: deep\nbands: {}\n")).Errors;
        Assert.Equal([(1, "befor"), (1, "before"), (3, "depth"), (4, "bands")], errors.Select(error => (error.Line!.Value, error.Path)).Order());
    }

    [Fact]
    public void Read_AWholeDocument_SaysAllOfIt()
    {
        var layout = Read(
            "about: mine\n" + Sound + "mask: \"L/{name}.{image}\"\nsplit: test\nsplits: { train: [train, extra], val: hold }\nlists: \"{split}.txt\"\n" +
            "suffixes: [tif, .PNG]\ndepth: 3\nbands: [red, green, blue, nir]\n" +
            "rule: { classes: { none: 0, house: [1, 3], water: \"4-5\" }, ignore: 255, band: 2 }\n");
        Assert.Equal(("mine", "mine", "test", 3), (layout.Name, layout.About, layout.Split, layout.Depth));
        Assert.Equal(["extra=train", "hold=val", "train=train"], layout.Splits.Select(split => $"{split.Key}={split.Value}").Order());
        Assert.Equal(["tif", "png"], layout.Suffixes);
        Assert.Equal(["red", "green", "blue", "nir"], layout.Bands);
        Assert.Equal(["none=0", "house=1,3", "water=4-5"], layout.Masks!.Classes.Select(one => $"{one.Name}={one.Values}"));
        Assert.Equal(("255", 2), (layout.Masks.Ignore!.Text, layout.Masks.Band!.Value));
        Assert.Equal("A/{name}.{image}, B/{name}.{image}, L/{name}.{image}", LayoutText.Folders(layout));
    }

    /// <summary>Whatever a template is, it is refused with a reason or finds its own paths again.</summary>
    [Fact]
    public void Parse_AnyTemplate_IsRefusedOrKeptAsItIs() =>
        Gen.String[Gen.Char["ab/{}*.nameAZ09 ü"], 0, 24].Sample(text =>
        {
            var (template, problem) = PathTemplate.Parse(text.Replace('ü', 'u'));
            Assert.True(template is null ^ problem is null);
            if (template is not null)
                Assert.Equal(text.Replace('ü', 'u'), string.Join('/', template.Segments.Select(segment => segment.Text)));
        });

    private static LayoutDocument Read(string text) => LayoutReader.Read(text, "mine.yaml", "mine");
}
