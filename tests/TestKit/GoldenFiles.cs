using System.IO.Compression;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>What each release wrote (<c>tests/golden</c>): every later one has to read it.</summary>
public static class GoldenFiles
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "golden");

    /// <summary>The releases that have such files, by their versions.</summary>
    public static TheoryData<string> Releases =>
        [.. Directory.GetDirectories(s_folder).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>A file or folder of a release.</summary>
    public static string Of(string release, string name) => Path.Combine(s_folder, release, name);

    /// <summary>Unpacks the checkpoint into a folder.</summary>
    public static async Task UnpackCheckpointAsync(string release, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(Of(release, "checkpoint")))
        {
            await using var source = File.OpenRead(file);
            var isPacked = file.EndsWith(".gz", StringComparison.Ordinal);
            await using Stream content = isPacked ? new GZipStream(source, CompressionMode.Decompress) : source;
            await using var target = File.Create(Path.Combine(folder, isPacked ? Path.GetFileNameWithoutExtension(file) : Path.GetFileName(file)));
            await content.CopyToAsync(target);
        }
    }
}
