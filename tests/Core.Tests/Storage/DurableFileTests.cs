using System.Runtime.Versioning;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Storage;

[SupportedOSPlatform("linux")]
[Needs(Resource.Processes)]
public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_OverAnOldFile_ReplacesItAndLeavesNothingBeside()
    {
        var path = _folder.Write("address.json", "old");
        await DurableFile.WriteTextAsync(path, "new", cancellationToken: Token);
        Assert.Equal("new", await File.ReadAllTextAsync(path, Token));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Write_WriterThrows_KeepsTheOldFile()
    {
        var path = _folder.Write("address.json", "old");
        await Assert.ThrowsAsync<InvalidDataException>(() => DurableFile.WriteAsync(path, async (stream, token) =>
        {
            await stream.WriteAsync(new byte[100_000], token);
            throw new InvalidDataException();
        }, mode: null, Token));
        Assert.Equal("old", await File.ReadAllTextAsync(path, Token));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Write_FullDisk_KeepsTheOldFileAndNamesTheRemedy()
    {
        using var disk = SmallDisk.MountOrSkip(_folder["disk"], bytes: 64 * 1024);
        var path = Path.Combine(disk.Path, "state");
        await DurableFile.WriteTextAsync(path, "old", cancellationToken: Token);
        var error = await Assert.ThrowsAsync<IOException>(() => DurableFile.WriteAsync(path, new byte[1 << 20], cancellationToken: Token));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("Free space", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", await File.ReadAllTextAsync(path, Token));
        Assert.Equal([path], Directory.GetFileSystemEntries(disk.Path));
    }

    [Fact]
    public async Task Write_OwnerOnly_HasThatModeFromTheFirstByte()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var path = _folder["secret"];
        await DurableFile.WriteAsync(path, (stream, _) =>
        {
            Assert.Equal(ownerOnly, File.GetUnixFileMode(((FileStream)stream).SafeFileHandle));
            return Task.CompletedTask;
        }, ownerOnly, Token);
        Assert.Equal(ownerOnly, File.GetUnixFileMode(path));
    }
}
