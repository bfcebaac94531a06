using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Splitting;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Splitting;

public sealed class HashedSplitsTests
{
    private const string Usual = "train=60%,val=20%,test=20%";

    private static readonly Gen<string> s_name = Gen.String[Gen.OneOf("abcdefghij_-é建0123456789".ToCharArray()), 1, 12];

    private static readonly Gen<string[]> s_names = s_name.Array[300, 400].Select(names => names.Distinct().ToArray());

    /// <summary>Tiles of at least a hundred scenes.</summary>
    private static readonly Gen<string[]> s_tiles =
        from scenes in Gen.String[Gen.OneOf("abcdefghijklm_".ToCharArray()), 3, 9].Array[150, 200]
        from tiles in Gen.Int[1, 6].Array[scenes.Length]
        select scenes.Distinct().SelectMany((scene, at) => Enumerable.Range(0, tiles[at]).Select(tile => $"{scene}_{tile % 3}_{tile / 3}")).ToArray();

    /// <summary>The numbers are those of Python's hashlib, as the comment says how.</summary>
    [Theory]
    [InlineData(0, "Szada/1", 0.4431633714982268)]
    [InlineData(7, "Szada/1", 0.45920175147781417)]
    [InlineData(0, "café", 0.6520182265057767)]
    public void Hash_OfAName_IsTheSameEverywhere(long seed, string name, double hash) => Assert.Equal(hash, NameHash.Of(name, seed));

    [Fact]
    public void Assign_WithTenPercentMoreNames_MovesNone() => Gen.Select(s_names, Gen.Long[0, 99]).Sample((names, seed) =>
    {
        var fewer = names[..(names.Length * 10 / 11)];
        foreach (var shares in (SplitShares[])[Shares.Of(Usual, seed: seed), Shares.Of(null, folds: 4, seed: seed)])
        {
            var (before, after) = (Assign(shares, fewer), Assign(shares, names));
            Assert.All(before, pair => Assert.Equal(pair.Value, after[pair.Key]));
        }
    }, iter: 50, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Assign_NamesInAnyOrder_AndSharesInAnyOrder_IsTheSame() => Gen.Select(s_names, Gen.Shuffle((int[])[0, 1, 2])).Sample((names, order) =>
    {
        var parts = Usual.Split(',');
        var (one, other) = (Assign(Shares.Of(Usual), names), Assign(Shares.Of(string.Join(',', order.Select(at => parts[at]))), [.. names.Reverse()]));
        Assert.Equal(one.Count, other.Count);
        Assert.All(one, pair => Assert.Equal(pair.Value, other[pair.Key]));
    }, iter: 30, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Assign_Groups_NeverStraddle_AndAddingTilesMovesNone() => Gen.Select(s_tiles, Gen.Long[0, 99]).Sample((tiles, seed) =>
    {
        foreach (var shares in (SplitShares[])[Shares.Of(Usual, group: "{scene}_#_#", seed: seed), Shares.Of("test=25%", 3, "{scene}_#_#", seed)])
        {
            var splits = Assign(shares, tiles);
            foreach (var scene in splits.GroupBy(pair => pair.Key[..pair.Key[..pair.Key.LastIndexOf('_')].LastIndexOf('_')]))
                Assert.Single(scene.Select(pair => pair.Value).Distinct());
            var fewer = Assign(shares, [.. tiles.Where((_, at) => at % 11 > 0)]);
            Assert.All(fewer, pair => Assert.Equal(splits[pair.Key], pair.Value));
        }
    }, iter: 50, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Assign_Folds_AreDisjointAndCover_AndTheTestSplitIsTakenOutFirst() => Gen.Select(
        s_names, Gen.Int[2, 8], Gen.Long[0, 99]).Sample((names, folds, seed) =>
    {
        var splits = Assign(Shares.Of("test=20%", folds, seed: seed), names);
        Assert.Equal(names.Order(), splits.Keys.Order());
        Assert.Equal(Enumerable.Range(0, folds).Select(fold => $"fold{fold}").Append("test"), splits.Values.Distinct().Order(StringComparer.Ordinal));
        // However the rest is divided, the test split is the same.
        var plain = Assign(Shares.Of("test=20%,train=80%", seed: seed), names);
        Assert.All(names, name => Assert.Equal(plain[name] == "test", splits[name] == "test"));
    }, iter: 50, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Assign_ManyNames_HasTheSharesThatWereAskedFor()
    {
        var names = Enumerable.Range(0, 20_000).Select(number => $"scene{number / 7}/tile{number}").ToList();
        foreach (var shares in (SplitShares[])[Shares.Of("a=70%,b=12.5%,c=15%,d=2.5%"), Shares.Of("test=20%", folds: 5)])
        {
            var counts = HashedSplits.Assign(shares, names, []).Counts;
            Assert.Equal(1, counts.Sum(count => count.Asked), 1e-12);
            Assert.Equal(names.Count, counts.Sum(count => count.Pairs));
            // Four deviations of a share of so many.
            Assert.All(counts, count => Assert.Equal(count.Asked, count.Share, 4 * Math.Sqrt(count.Asked * (1 - count.Asked) / names.Count)));
        }
    }

    [Fact]
    public void Assign_AnotherSeed_IsAnotherDivision()
    {
        var names = Enumerable.Range(0, 100).Select(number => $"{number}").ToArray();
        Assert.NotEqual(Assign(Shares.Of(Usual), names), Assign(Shares.Of(Usual, seed: 1), names));
    }

    [Fact]
    public void Assign_TheSameNameInAnotherUnicodeForm_IsInTheSameSplit() => Assert.Equal(NameHash.Of("café", 0), NameHash.Of("cafe\u0301", 0));

    [Fact]
    public void Assign_FewNames_AnEmptySplitIsRefused_WithASeedThatMendsIt()
    {
        var names = Enumerable.Range(0, 6).Select(number => $"city{number}").ToList();
        var told = Refused(Shares.Of("train=90%,val=5%,test=5%"), names);
        Assert.Contains("would be empty: ", told);
        Assert.Contains("larger shares or fewer splits", told);
        var seed = long.Parse(told.Split("--split-seed ")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.All(HashedSplits.Assign(Shares.Of("train=90%,val=5%,test=5%", seed: seed), names, []).Counts, count => Assert.True(count.Pairs > 0));
    }

    [Fact]
    public void Assign_FewerGroupsThanFolds_IsRefused_WithoutASeed()
    {
        var told = Refused(Shares.Of(null, folds: 5, group: "{place}_*"), ["a_1", "a_2", "b_1"]);
        Assert.DoesNotContain("--split-seed", told);
        Assert.Contains("The 2 groups fall by their hashes", told);
        Assert.Contains("fewer --folds", told);
        Assert.Contains("smaller groups with --group", told);
    }

    [Fact]
    public void Assign_NamesThatTheGroupDoesNotMatch_AreListed()
    {
        var told = Refused(Shares.Of(Usual, group: "{place}_*"), ["a_1", "b", "c"]);
        Assert.StartsWith("--group '{place}_*' does not match 2 of 3 pairs: b, c.", told);
        Assert.Contains("with the folders before it, it is */{place}_*.", Refused(Shares.Of(Usual, group: "{place}_*"), ["train/a_1", "val/b_1"]));
    }

    [Fact]
    public void Assign_AGroupThatAPatternTakesInPart_IsRefused()
    {
        var shares = Shares.Of(null, folds: 2, group: "{place}_*", patterns: "test");
        var error = Assert.Throws<PackRequestException>(() => HashedSplits.Assign(shares, ["a_1", "b_1", "c_1"], ["a_2", "d_1"]));
        Assert.StartsWith("--split takes some pairs of a group and leaves others of it to the folds: a.", error.Message);
    }

    [Fact]
    public void Warning_TilesOfAScene_InSeveralSplits_AreNamedWithTheGroupThatHelps()
    {
        var tiles = Enumerable.Range(0, 40).Select(number => $"train/las_vegas{number / 8}_r{number % 8 / 2}_c{number % 2}").ToArray();
        var told = TileNames.Warning(Assign(Shares.Of(Usual), tiles))!;
        Assert.Contains("tiles of 5 scenes", told);
        Assert.Contains("train/las_vegas0_r", told);
        Assert.Contains("--group '*/{scene}_r#_c#'", told);
        Assert.Null(TileNames.Warning(Assign(Shares.Of(Usual), [.. tiles.Append("train/readme_of_it")])));
        // One number, as of most benchmarks, or a date, says nothing of a scene.
        Assert.Null(TileNames.Warning(Assign(Shares.Of(Usual), [.. Enumerable.Range(0, 40).Select(number => $"train_{number}")])));
    }

    private static IReadOnlyDictionary<string, string> Assign(SplitShares shares, string[] names) => HashedSplits.Assign(shares, names, []).Splits;

    private static string Refused(SplitShares shares, IReadOnlyCollection<string> names) =>
        Assert.Throws<PackRequestException>(() => HashedSplits.Assign(shares, names, [])).Message;
}
