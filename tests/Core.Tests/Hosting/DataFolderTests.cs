using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class DataFolderTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public void Open_ANewFolder_ClosesItToOthers()
    {
        using var temporary = new TemporaryFolder();
        var folder = DataFolder.Open(temporary["a/b"]);

        Assert.All([folder.Path, folder.Store, folder.Logs], path => Assert.Equal(OwnerOnly, File.GetUnixFileMode(path)));
    }

    [Fact]
    public void Open_AFolderThatOthersCanRead_ClosesIt()
    {
        using var temporary = new TemporaryFolder();
        Directory.CreateDirectory(temporary["open"], OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(DataFolder.Open(temporary["open"]).Path));
    }

    [Fact]
    public void Open_WhereAFileStands_NamesTheRemedy()
    {
        using var temporary = new TemporaryFolder();
        var error = Assert.Throws<DataFolderException>(() => DataFolder.Open(temporary.Write("file", "")));

        Assert.Contains("--data-dir", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_AnArgument_GoesBeforeTheRest() =>
        Assert.Equal(Path.GetFullPath("here"), DataFolder.Resolve("here"));

    [Fact]
    public void Existing_WhereNoSystemLived_IsNull()
    {
        using var temporary = new TemporaryFolder();

        Assert.Null(DataFolder.Existing(temporary.Path));
        // Opened, and left before a cluster was made in it.
        var folder = DataFolder.Open(temporary.Path);
        Assert.Null(DataFolder.Existing(temporary.Path));
        File.WriteAllText(folder.Cluster, "{}");
        Assert.NotNull(DataFolder.Existing(temporary.Path));
    }

    [Fact]
    public void At_AFolderThatIsNotThere_LeavesItSo()
    {
        using var temporary = new TemporaryFolder();

        Assert.EndsWith("/absent/store/", DataFolder.At(temporary["absent"]).StoreUri.AbsoluteUri, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temporary["absent"]));
    }
}
