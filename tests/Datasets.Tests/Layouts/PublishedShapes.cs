using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>Miniatures of data sets in the folders and with the mask values that they are published with.</summary>
internal static class PublishedShapes
{
    /// <summary>How a layout's data set lies, and what it is packed to.</summary>
    /// <param name="Write">Writes the miniature.</param>
    /// <param name="Samples">The keys by split.</param>
    /// <param name="Change">The share of changed pixels.</param>
    /// <param name="Splits">What <c>--split</c> says.</param>
    public sealed record Shape(Action<SourceFixture> Write, IReadOnlyDictionary<string, string[]> Samples, double Change, params string[] Splits);

    public static IReadOnlyDictionary<string, Shape> All { get; } = new Dictionary<string, Shape>
    {
        ["ab-label"] = Of(Binary("{0}/A/{1}.png", "{0}/B/{1}.png", "{0}/label/{1}.png"), "train a_1", "val b_2", "test c_3"),
        ["egy-bcd"] = Of(Binary("{0}/A/{1}.png", "{0}/B/{1}.png", "{0}/label/{1}.png"), "train train_1", "val val_1", "test test_1"),
        ["sysu"] = Of(Binary("{0}/time1/{1}.png", "{0}/time2/{1}.png", "{0}/label/{1}.png"), "train 00000", "val 00000", "test 00000"),
        ["s2looking"] = Of(Binary("{0}/Image1/{1}.png", "{0}/Image2/{1}.png", "{0}/label/{1}.png"), "train 1", "val 4", "test 9"),
        ["dsifn"] = Of(Binary("{0}/t1/{1}.jpg", "{0}/t2/{1}.jpg", "{0}/mask/{1}.png"), "train 0", "val 1", "test 2"),
        // Masks are JPEG, whose white and black are nearly so.
        ["cdd"] = Of(
            Masked("{0}/A/{1}.jpg", "{0}/B/{1}.jpg", "{0}/OUT/{1}.jpg", PatternImages.Grey(16, 16, 0, 3, 251, 255)), "train 00000", "val 00001", "test 00002"),
        ["second"] = Of(Masked("{0}/im1/{1}.png", "{0}/im2/{1}.png", "{0}/label1/{1}.png", Colours(0xFFFFFF, 0x008000)), "train 00003", "test 00013"),
        ["xbd-localisation"] = Of(
            Masked("{2}/images/{1}_pre_disaster.png", "{2}/images/{1}_post_disaster.png", "{2}/targets/{1}_pre_disaster_target.png",
                PatternImages.Grey(16, 16, 0, 1)),
            "train socal-fire_00000001", "val:hold hold_palu_2", "test joplin_3"),
        ["xbd-damage"] = Of(
            Masked("{2}/images/{1}_pre_disaster.png", "{2}/images/{1}_post_disaster.png", "{2}/targets/{1}_post_disaster_target.png",
                PatternImages.Grey(16, 16, 0, 0, 1, 2, 3, 4, 0, 0)),
            "train:train socal-fire_00000001", "train:tier3 tier3_joplin_4", "val:hold hold_palu_2", "test joplin_3"),
        ["airchange"] = Of(
            (source, split, name, _) => WriteTo(
                source, PatternImages.Grey(16, 16, 0, 255), $"Szada/{name}/im1.BMP", $"Szada/{name}/im2.bmp", $"Szada/{name}/gt.bmp"),
            "train Szada_1") with { Splits = ["train=Szada/1"] },
        ["hrscd"] = Of(
            (source, split, name, _) => WriteTo(source, PatternImages.Grey(16, 16, 0, 1),
                "images_2006/2006/D14/14-2005-0415-6890-LA93.tif", "images_2012/2012/D14/14-2012-0415-6890-LA93-0M50-E080.tif",
                "labels_change/change/D14/14-2012-0415-6890-LA93-0M50-E080.tif"),
            "train 14_0415-6890") with { Splits = ["train=14"] },
        ["whu-cd"] = Of(
            (source, split, name, _) => WriteTo(source, PatternImages.Grey(16, 16, 0, 255),
                $"1. The two-period image data/2012/whole_image/{split}/image/2012_{split}.tif",
                $"1. The two-period image data/2016/whole_image/{split}/image/2016_{split}.tif",
                $"1. The two-period image data/change_label/{split}/change_label.tif"),
            "train train", "test test"),
        ["hi-ucd"] = Of(HiUcd, "train 2017_2018_116_1", "val 2017_2018_20_3", "test 2018_2019_7_9") with { Change = 1 / 3.0 },
        ["pairs"] = Of((source, split, name, _) => WriteTo(source, null, $"A/{name}.png", $"B/{name}.png"), "test x1", "test x2") with { Change = 0 },
        ["oscd"] = Of((source, _, name, _) => AddCity(source, name), "train bercy", "test paris") with { Change = 0.25 },
    };

    private delegate void Writing(SourceFixture source, string split, string name, string folder);

    private static Shape Of(Writing write, params string[] samples)
    {
        var all = samples.Select(sample => sample.Split(' '))
            .Select(sample => (Split: sample[0].Split(':')[0], Folder: sample[0].Split(':')[^1], Key: sample[1])).ToList();
        return new(
            source =>
            {
                foreach (var (split, folder, key) in all)
                    write(source, split, NameOf(key, folder), folder);
            },
            all.GroupBy(sample => sample.Split)
                .ToDictionary(split => split.Key, split => split.Select(sample => sample.Key).Order(StringComparer.Ordinal).ToArray()),
            Change: 0.5);
    }

    /// <summary>A folder that is no split's name becomes part of the key.</summary>
    private static string NameOf(string key, string folder) => key.StartsWith($"{folder}_", StringComparison.Ordinal) && folder is "hold" or "tier3"
        ? key[(folder.Length + 1)..]
        : key.Replace("Szada_", "", StringComparison.Ordinal);

    private static Writing Binary(string before, string after, string mask) => Masked(before, after, mask, PatternImages.Grey(16, 16, 0, 255));

    private static Writing Masked(string before, string after, string mask, PixelImage values) => (source, split, name, folder) =>
        WriteTo(source, values, [.. new[] { before, after, mask }.Select(path => string.Format(null, path, split, name, folder))]);

    private static void WriteTo(SourceFixture source, PixelImage? mask, params string[] paths)
    {
        source.Write(paths[0], PatternImages.Rgb(seed: 1));
        source.Write(paths[1], PatternImages.Rgb(seed: 2));
        if (mask is not null)
            source.Write(paths[2], mask);
    }

    /// <summary>Land cover before and after, and change: 0 unlabelled, 1 none, 2 change.</summary>
    private static void HiUcd(SourceFixture source, string split, string key, string folder)
    {
        var (one, other, name) = (key[..4], key[5..9], key[10..]);
        var pixels = Enumerable.Range(0, 16 * 16).SelectMany(at => new byte[] { 3, 9, (byte)(at % 4 == 3 ? 2 : Math.Min(at % 4, 1)) });
        WriteTo(
            source, new PixelImage(new ImageShape(16, 16, 3, PixelType.UInt8), [.. pixels]),
            $"{split}/image/{one}/9/{name}.png", $"{split}/image/{other}/9/{name}.png", $"{split}/mask_merge/{one}_{other}/9/{name}.png");
    }

    private static PixelImage Colours(params int[] colours) => new(
        new ImageShape(16, 16, 3, PixelType.UInt8),
        [.. Enumerable.Range(0, 16 * 16).Select(at => colours[at % colours.Length])
            .SelectMany(one => new[] { (byte)(one >> 16), (byte)(one >> 8), (byte)one })]);

    private static void AddCity(SourceFixture source, string city)
    {
        source.AddCity(city);
        source.Write(city == "bercy" ? "train.txt" : "test.txt", System.Text.Encoding.UTF8.GetBytes(city));
    }
}
