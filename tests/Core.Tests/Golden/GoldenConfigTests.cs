using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Golden;

/// <summary>Configs of earlier releases are read. That stored ones keep their digests is held by <see cref="GoldenDatabaseTests"/>.</summary>
public sealed class GoldenConfigTests
{
    [Theory]
    [MemberData(nameof(GoldenFiles.Releases), MemberType = typeof(GoldenFiles))]
    public void Config_OfARelease_IsRead_AndStaysTheSameWhenItIsStored(string release)
    {
        var config = ExperimentConfigReader.Read(File.ReadAllText(GoldenFiles.Of(release, "config.yaml")), "config.yaml", "/golden");

        Assert.Equal(ExperimentDigest.Of(config), ExperimentDigest.Of(ExperimentJson.Deserialize(ExperimentJson.Serialize(config))));
        Assert.Equal("own-images", config.Name);
    }
}
