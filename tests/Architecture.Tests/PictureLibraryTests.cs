using System.Text.RegularExpressions;
using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary>
/// ImageSharp makes pictures of pixels in memory. Bytes from elsewhere never reach its decoders, of which flaws with crafted files were reported:
/// what uses the library (one room, as <see cref="PackageTests"/> says) names nothing that reads a file.
/// </summary>
public sealed partial class PictureLibraryTests
{
    private const string Library = "SixLabors";

    private static IEnumerable<string> Users => new[] { "src", "tests" }
        .SelectMany(folder => SourceFiles.Below(Path.Combine(Repository.Root, folder), "*.cs"))
        .Where(file => !file.EndsWith(nameof(PictureLibraryTests) + ".cs", StringComparison.Ordinal))
        .Where(file => File.ReadAllText(file).Contains(Library, StringComparison.Ordinal));

    [Fact]
    public void ImageSharp_ReadsNoFile()
    {
        Assert.NotEmpty(Users);
        Assert.All(Users, file => Assert.DoesNotMatch(Reading(), File.ReadAllText(file)));
    }

    [Theory]
    [InlineData("Image.Load(stream)")]
    [InlineData("Image.Load<Rgb24>(bytes)")]
    [InlineData("await Image.LoadAsync(path)")]
    [InlineData("Image.Identify(bytes)")]
    [InlineData("Image.DetectFormat(bytes)")]
    [InlineData("new PngDecoder().Decode(configuration, stream)")]
    [InlineData("Configuration.Default")]
    [InlineData("new Configuration(new PngConfigurationModule())")]
    public void Rule_FindsWhatReadsFiles(string code) => Assert.Matches(Reading(), code);

    /// <summary>The library's ways from bytes to an image, and those to a configuration that knows formats.</summary>
    [GeneratedRegex(@"\bImage\s*\.\s*(Load|Identify|DetectFormat)|Decoder\b\s*[(.{]|Configuration\.Default|ConfigurationModule|ImageFormatsManager")]
    private static partial Regex Reading();
}
