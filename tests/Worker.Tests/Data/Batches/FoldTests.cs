using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Batches;

public sealed class FoldTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Epoch_OfAFold_HasEachSampleOfAllOthersOnce_AndTheFoldIsWhatIsValidatedOn()
    {
        using var dataset = await PackAsync();
        var validated = new List<string>();
        for (var fold = 0; fold < 3; fold++)
        {
            using var streams = await RunDataLoader.OpenAsync(Config(dataset, fold), Token);
            var trained = (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token))).Keys.ToList();
            var held = (await Delivered.ReadAsync(streams.ReadSplitAsync(streams.Roles.Validate!, 4, Token))).Keys.ToList();
            Assert.Equal((streams.Training.SamplesPerEpoch, trained.Count), (trained.Count, trained.Distinct().Count()));
            Assert.All(held, key => Assert.StartsWith($"fold{fold}_", key, StringComparison.Ordinal));
            Assert.Equal(Everything(), trained.Concat(held).Order(StringComparer.Ordinal));
            validated.AddRange(held);
        }
        Assert.Equal(Everything(), validated.Order(StringComparer.Ordinal));

        static IEnumerable<string> Everything() => s_folds.SelectMany(fold => Enumerable.Range(0, fold.Value).Select(i => PackedDataset.Key(fold.Key, i)))
            .Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Epoch_OfAFold_Resumed_IsTheSameToTheBit()
    {
        using var dataset = await PackAsync();
        using var streams = await RunDataLoader.OpenAsync(Config(dataset, 1), Token);
        using var others = await RunDataLoader.OpenAsync(Config(dataset, 1) with { Loader = new() { Decoders = 3 } }, Token);
        var whole = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(2, 0, Token));
        Assert.Equal(whole.Hash, (await Delivered.ReadAsync(others.Training.ReadEpochAsync(2, 0, Token))).Hash);
        for (var from = 4; from < whole.Keys.Count(); from += 8)
        {
            var resumed = await Delivered.ReadAsync(others.Training.ReadEpochAsync(2, from, Token));
            Assert.Equal(whole.Keys.Skip(from), resumed.Keys);
            Assert.Equal((await Delivered.ReadAsync(streams.Training.ReadEpochAsync(2, from, Token))).Hash, resumed.Hash);
        }
        Assert.NotEqual(whole.Keys, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(3, 0, Token))).Keys);
    }

    [Fact]
    public async Task ClassFractions_AreOfTheFoldsThatAreTrainedOn()
    {
        // The first four samples of each fold have changed, in about a quarter of their pixels.
        using var dataset = await PackAsync(i => i < 4);
        using var streams = await RunDataLoader.OpenAsync(Config(dataset, 1), Token);
        var (first, last) = (streams.Manifest.Splits["fold0"], streams.Manifest.Splits["fold2"]);
        Assert.NotEqual(first.ChangeFraction, last.ChangeFraction);
        var expected = (first.Samples * first.ChangeFraction + last.Samples * last.ChangeFraction) / (first.Samples + last.Samples);
        Assert.Equal(expected, streams.Training.ChangeFraction, 1e-12);
        Assert.Equal(streams.Training.ClassFractions, streams.ClassFractionsOf(streams.Roles.Train));
        // The weights of the loss are those of the training in its evaluation, too.
        using var evaluated = await RunDataLoader.OpenForSplitAsync(Config(dataset, 1), "fold1", Token);
        Assert.Equal(streams.Training.ClassFractions, evaluated.ClassFractionsOf(evaluated.Roles.Train));
    }

    [Fact]
    public async Task Balance_OverFolds_DrawsChangedSamplesOfAllThatAreTrainedOn()
    {
        using var dataset = await PackAsync(i => i % 5 == 0);
        var config = Config(dataset, 0);
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { Balance = 1, SamplesPerEpoch = 8, Crop = null } } };
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        var drawn = (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token))).Keys.Order(StringComparer.Ordinal);
        Assert.Equal(["fold1_000", "fold1_005", "fold2_000", "fold2_005", "fold2_010", "fold2_015"], drawn.Distinct());
    }

    [Fact]
    public async Task Roles_TheTestSplitWhereThereIsOne_ElseTheFold()
    {
        using var with = await PackedDataset.PackAsync(new Dictionary<string, int>(s_folds) { ["test"] = 2 });
        using var without = await PackAsync();
        Assert.Equal(new("fold1+fold2", "fold0", "test"), await RolesAsync(with, new() { Split = "test" }));
        Assert.Equal(new("fold1+fold2", "fold0", "fold0"), await RolesAsync(without, new() { Split = "test" }));
        Assert.Equal(new("fold1+fold2", "fold0", "fold2"), await RolesAsync(without, new() { Split = "fold2" }));
        Assert.Equal(new("fold1+fold2", "fold0", null), await RolesAsync(without, null));

        static async Task<SplitRoles> RolesAsync(PackedDataset dataset, SplitConfig? test)
        {
            var config = Config(dataset, 0);
            using var streams = await RunDataLoader.OpenAsync(config with { Dataset = config.Dataset with { Test = test } }, Token);
            return streams.Roles;
        }
    }

    [Fact]
    public async Task TwoFolds_TrainOnTheOther()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["fold0"] = 6, ["fold1"] = 5 });
        using var streams = await RunDataLoader.OpenAsync(Config(dataset, 0), Token);
        Assert.Equal(("fold1", "fold0", 5), (streams.Roles.Train, streams.Roles.Validate, streams.Training.SamplesPerEpoch));
    }

    [Fact]
    public async Task WhatTheDataSetHasNot_IsRefusedWithARemedy()
    {
        using var folded = await PackAsync();
        using var plain = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2, ["val"] = 2 });
        using var single = await PackedDataset.PackAsync(new Dictionary<string, int> { ["fold0"] = 2, ["test"] = 2 });
        Assert.Contains("has the folds 0, 1, 2. Name one of them.", await RefusedAsync(Config(folded, 3)), StringComparison.Ordinal);
        Assert.Contains("has no folds: its splits are train, val. Pack it with --folds", await RefusedAsync(Config(plain, 0)), StringComparison.Ordinal);
        Assert.Contains("has no other fold to train on", await RefusedAsync(Config(single, 0)), StringComparison.Ordinal);
        Assert.Contains("no split 'train'. dataset.fold: 0 trains on all", await RefusedAsync(folded.Config()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FoldsWithoutAChangedPixel_AreRefused()
    {
        using var dataset = await PackAsync(_ => false);
        Assert.Contains("'fold1+fold2'", await RefusedAsync(Config(dataset, 0)), StringComparison.Ordinal);
    }

    private static readonly Dictionary<string, int> s_folds = new() { ["fold0"] = 9, ["fold1"] = 7, ["fold2"] = 16 };

    private static Task<PackedDataset> PackAsync(Func<int, bool>? changed = null) => PackedDataset.PackAsync(s_folds, changedSamples: changed);

    private static ExperimentConfig Config(PackedDataset dataset, int fold)
    {
        var config = dataset.Config();
        return config with { Dataset = config.Dataset with { Fold = fold, Validate = new() { Split = "val" } } };
    }

    private static async Task<string> RefusedAsync(ExperimentConfig config)
    {
        // What submit finds before anything is queued is what the worker finds.
        var opened = await ShardDataset.OpenAsync(Core.Storage.ObjectStores.Open(config.Dataset.Uri), Token);
        var checkedBefore = Assert.Throws<DatasetMismatchException>(() => DatasetCompatibility.Check(config, opened));
        var found = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(config, Token));
        Assert.Equal(checkedBefore.Message, found.Message);
        return found.Message;
    }
}
