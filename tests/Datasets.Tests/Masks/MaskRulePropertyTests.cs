using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Masks;

/// <summary>Whatever masks hold, they are read as their author meant them, or questioned; never silently otherwise.</summary>
public sealed class MaskRulePropertyTests
{
    private const int Side = 12;

    /// <summary>What an author meant: values of no change, of change, and of unlabelled pixels.</summary>
    private static readonly Gen<Meaning> s_meanings =
        from type in Pick(PixelType.UInt8, PixelType.UInt16)
        from channels in Pick(1, 1, 3)
        from values in Gen.Int[0, type == PixelType.UInt8 ? 255 : 65535].Array[1, 6]
        from common in Pick(0, 1, 2, 255).Array[0, 3]
        let all = values.Concat(common).Where(value => type == PixelType.UInt16 || value <= 255).Distinct().ToArray()
        from kinds in Gen.Int[0, 2].Array[all.Length]
        from files in Gen.Int[1, 4]
        from seed in Gen.Int
        select new Meaning(type, channels, [.. all.Zip(kinds)], files, seed);

    [Fact]
    public void Find_WithoutAWord_TakesOnlyWhatCannotBeMisread() => s_meanings.Sample(meaning =>
    {
        var masks = Files(meaning);
        if (Find(masks, MaskOptions.None) is not { } mapping)
            return;
        var values = masks.SelectMany(mask => Enumerable.Range(0, Side * Side).Select(at => mask.Image[at * mask.Image.Channels])).Distinct().Order().ToList();
        Assert.True(values is [0] or [0, 1] or [0, 255], $"taken without a question: {string.Join(", ", values)}");
        Assert.All(masks, mask => Assert.Equal(
            Enumerable.Range(0, Side * Side).Select(at => mask.Image[at * mask.Image.Channels] == 0 ? (byte)0 : (byte)1),
            mapping.Apply(mask.Image, mask.Name).Bytes.ToArray()));
    }, iter: 400);

    [Fact]
    public void Find_WhatTheAuthorSays_IsWhatIsRead() => s_meanings.Sample(meaning =>
    {
        var (change, ignored) = (meaning.Of(Kind.Change), meaning.Of(Kind.Ignored));
        if (change.Length == 0)
            return;
        var masks = Files(meaning);
        var options = MaskOptions.Parse(change, [], ignored.Length == 0 ? "none" : ignored, null);
        try
        {
            var mapping = Find(masks, options, refused: false);
            foreach (var (image, name) in masks)
            {
                var read = mapping!.Apply(image, name).Bytes;
                for (var at = 0; at < read.Length; at++)
                    Assert.Equal(meaning.KindOf(image[at * image.Channels]) switch { 0 => (byte)0, 1 => (byte)1, _ => MaskReader.Ignored }, read[at]);
            }
        }
        catch (DatasetSourceException refused)
        {
            // Only where the pixels that were drawn are all of one kind.
            Assert.Matches("is every value|is none of the values|every pixel of them is unlabelled", refused.Message);
        }
    }, iter: 400);

    [Fact]
    public void Find_UnlikeChannels_AreReadByTheChannelThatIsNamed() => Gen.Select(Gen.Int, Gen.Int[1, 3]).Sample((seed, band) =>
    {
        var random = new Random(seed);
        var pixels = new byte[Side * Side * 3];
        for (var at = 0; at < pixels.Length; at++)
            pixels[at] = (byte)(at % 3 == band - 1 ? random.Next(2) : random.Next(3, 9));
        var file = PngEncoder.Encode(new PixelImage(new ImageShape(Side, Side, 3, PixelType.UInt8), pixels));
        List<(MaskImage, string)> masks = [(MaskCodec.Decode(file, "a.png"), "a.png")];
        Assert.Null(Find(masks, MaskOptions.None));
        var mapping = Find(masks, MaskOptions.Parse("1", [], null, band), refused: false)!;
        Assert.Equal(Enumerable.Range(0, Side * Side).Select(at => pixels[at * 3 + band - 1]), mapping.Apply(masks[0].Item1, "a.png").Bytes.ToArray());
    }, iter: 100);

    private static MaskMapping? Find(IReadOnlyList<(MaskImage Image, string Name)> masks, MaskOptions options, bool refused = true)
    {
        var survey = new MaskSurvey();
        foreach (var (image, name) in masks)
            survey.Add(image, name);
        try
        {
            return new MaskRuleFinder(survey, options, _ => null).Find(_ => { }).Mapping;
        }
        catch (DatasetSourceException) when (refused)
        {
            return null;
        }
    }

    private static List<(MaskImage Image, string Name)> Files(Meaning meaning)
    {
        var random = new Random(meaning.Seed);
        return [.. Enumerable.Range(0, meaning.Files).Select(number =>
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{number}.png");
            return (MaskCodec.Decode(PngEncoder.Encode(meaning.Draw(random)), name), name);
        })];
    }

    private static Gen<T> Pick<T>(params T[] among) => Gen.Int[0, among.Length - 1].Select(at => among[at]);

    private enum Kind { NoChange, Change, Ignored }

    private sealed record Meaning(PixelType Type, int Channels, IReadOnlyList<(int Value, int Kind)> Values, int Files, int Seed)
    {
        public string Of(Kind kind) => string.Join(',', Values.Where(value => value.Kind == (int)kind).Select(value => value.Value));

        public int KindOf(long value) => Values.First(one => one.Value == value).Kind;

        public PixelImage Draw(Random random)
        {
            var shape = new ImageShape(Side, Side, Channels, Type);
            var pixels = new byte[shape.Bytes];
            for (var pixel = 0; pixel < Side * Side; pixel++)
            {
                var value = Values[random.Next(Values.Count)].Value;
                for (var channel = 0; channel < Channels; channel++)
                {
                    var at = (pixel * Channels + channel) * shape.BytesPerValue;
                    if (Type == PixelType.UInt8)
                        pixels[at] = (byte)value;
                    else
                        BitConverter.TryWriteBytes(pixels.AsSpan(at), (ushort)value);
                }
            }
            return new PixelImage(shape, pixels);
        }
    }
}
