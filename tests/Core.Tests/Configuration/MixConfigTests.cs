using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class MixConfigTests
{
    private const string Mixed = """
        name: mixed
        dataset:
          uri: ../data/first
          train:
            mix:
              - { uri: ../data/second, split: all, weight: 0.5 }
              - uri: s3://bucket/third
            balance: 0.5
        """;

    [Fact]
    public void Read_Mix_TakesRelativePathsFromTheFilesFolder()
    {
        var train = Texts.Read(Mixed).Dataset.Train;

        Assert.Equal(
            [
                new MixedSplitConfig { Uri = new Uri("file:///home/user/data/second"), Split = "all", Weight = 0.5 },
                new MixedSplitConfig { Uri = new Uri("s3://bucket/third"), Split = "train", Weight = 1 },
            ],
            train.Mix);
        Assert.Equal(0.5, train.Balance);
    }

    [Fact]
    public void Read_MixWithMistakes_ReportsAllOfThemWithTheirPlaces()
    {
        var errors = Texts.Errors(Mixed.Replace("weight: 0.5", "weight: 0, wieght: 1", StringComparison.Ordinal)
            .Replace("uri: s3://bucket/third", "split: all", StringComparison.Ordinal).Replace("balance: 0.5", "balance: 2", StringComparison.Ordinal));

        Assert.Equal(
            [("dataset.train.mix[0].weight", 6), ("dataset.train.mix[0].wieght", 6), ("dataset.train.mix[1].uri", 7), ("dataset.train.balance", 8)],
            errors.Select(error => (error.Path, error.Line!.Value)));
        Assert.Contains("Did you mean 'weight'?", errors[1].Suggestion, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dataset.train.mix={uri: /a}")]
    [InlineData("dataset.train.mix=/a")]
    [InlineData("dataset.train.mix=[/a]")]
    [InlineData("dataset.train.mix=null")]
    public void Read_MixThatIsNoListOfMappings_IsRefused(string option)
    {
        Assert.StartsWith("dataset.train.mix", Texts.OnlyError(Texts.Least, option).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Configs_OfEqualMixes_AreEqual()
    {
        Assert.Equal(Texts.Read(Mixed), Texts.Read(Mixed));
        Assert.Equal(Texts.Read(Mixed).GetHashCode(), Texts.Read(Mixed).GetHashCode());
        Assert.NotEqual(Texts.Read(Mixed), Texts.Read(Mixed.Replace("weight: 0.5", "weight: 0.6", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_DecodedCache_HasItsPlaceAndBound()
    {
        var loader = Texts.Read(Texts.Least, "loader={decoded_cache: memory, decoded_cache_mb: 512}").Loader;

        Assert.Equal((DecodedCacheKind.Memory, 512), (loader.DecodedCache, loader.DecodedCacheMb));
        Assert.Equal(DecodedCacheKind.Auto, Texts.Read(Texts.Least).Loader.DecodedCache);
        Assert.Equal("loader.decoded_cache", Texts.OnlyError(Texts.Least, "loader.decoded_cache=ram").Path);
    }
}
