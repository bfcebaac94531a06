using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

/// <summary>How a data folder came to where it stands is read off the notes in it, without looking for anything.</summary>
public sealed class SystemFileTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Origin_OfAFolder_ItsRenaming_ItsCopies_AndItsHeir()
    {
        var folder = Settled("first");
        Assert.Equal(FolderOrigin.Itself, OriginOf(folder));

        var renamed = Moved(folder, "second");
        Assert.Equal(FolderOrigin.Itself, OriginOf(renamed));
        Note(renamed);

        var copy = Copied(renamed, "copy");
        Assert.Equal(FolderOrigin.Copied, OriginOf(copy));
        Assert.Equal(FolderOrigin.Itself, OriginOf(renamed));
        // Another system has moved in where it came from.
        new SystemFile(Guid.NewGuid(), Place: FolderPlace.Of(renamed)).Write(renamed);
        Assert.Equal(FolderOrigin.Moved, OriginOf(copy));
        Directory.Delete(renamed.Path, recursive: true);
        Assert.Equal(FolderOrigin.Moved, OriginOf(copy));
        Note(copy);
        Assert.Equal(FolderOrigin.Itself, OriginOf(copy));
    }

    [Fact]
    public void Origin_WhereTheOriginalCannotBeRead_IsACopy()
    {
        var folder = Settled("first");
        var copy = Copied(folder, "copy");
        File.WriteAllText(folder[SystemFile.Name], "{ \"id\": ");

        Assert.Equal(FolderOrigin.Copied, OriginOf(copy));
    }

    [Theory]
    [InlineData("/a", "8:1", 5, "m", true)]      // the same in every respect
    [InlineData("/b", "8:1", 5, "m", true)]      // renamed
    [InlineData("/a", "8:2", 6, "m", true)]      // mounted anew
    [InlineData("/a", "8:1", 5, "n", true)]      // in a container of a newer image
    [InlineData("/a", "8:2", 6, null, true)]
    [InlineData("/b", "8:1", 6, "m", false)]     // a copy
    [InlineData("/b", "8:2", 5, "m", false)]
    [InlineData("/a", "8:2", 6, "n", false)]     // the same path on another machine
    [InlineData("/b", "8:1", 5, "n", false)]     // numbers that agree by chance
    public void Place_IsTheSame_ByInodeOrByPath_OnOneMachine(string path, string device, int inode, string? machine, bool same)
    {
        var (one, other) = (new FolderPlace("/a", "8:1", 5, "m"), new FolderPlace(path, device, (ulong)inode, machine));

        Assert.Equal((same, same), (one.IsSame(other), other.IsSame(one)));
    }

    [Fact]
    public void Former_Paths_AreKeptOnce_AndNotThePresentOne()
    {
        var place = new FolderPlace("/a", "8:1", 5);
        var file = new SystemFile(Guid.NewGuid(), Place: place);
        Assert.Null(file.At(place with { Inode = 6 }).Former);

        foreach (var path in (string[])["/b", "/c", "/b", "/a", "/d"])
            file = file.At(place with { Path = path });

        Assert.Equal(["/c", "/b", "/a"], file.Former!);
        var folder = DataFolder.Open(_temporary["kept"]);
        file.Write(folder);
        Assert.Equal(file.Former!, SystemFile.Read(folder)!.Former!);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder[SystemFile.Name]));
    }

    [Fact]
    public void Paths_BelowAFormerPlace_AreReadWhereTheFolderIsNow_IfTheyAreThere()
    {
        var folder = Moved(Settled("former"), "now");
        SystemFile.Read(folder)!.At(FolderPlace.Of(folder)).Write(folder);
        Directory.CreateDirectory(folder["data set"]);

        FormerFolders.Use(folder);
        try
        {
            Assert.Equal(folder["data set"], FormerFolders.Present(_temporary["former/data set"]));
            Assert.Equal(_temporary["former/none"], FormerFolders.Present(_temporary["former/none"]));
            Assert.Equal(_temporary["former-too/data set"], FormerFolders.Present(_temporary["former-too/data set"]));
        }
        finally
        {
            FormerFolders.Use(DataFolder.At(_temporary["none"]));
        }
    }

    private DataFolder Settled(string name)
    {
        var folder = DataFolder.Open(_temporary[name]);
        new SystemFile(Guid.NewGuid(), Place: FolderPlace.Of(folder)).Write(folder);
        return folder;
    }

    private DataFolder Moved(DataFolder folder, string name)
    {
        Directory.Move(folder.Path, _temporary[name]);
        return DataFolder.At(_temporary[name]);
    }

    private DataFolder Copied(DataFolder folder, string name)
    {
        var copy = DataFolder.Open(_temporary[name]);
        File.Copy(folder[SystemFile.Name], copy[SystemFile.Name]);
        return copy;
    }

    private static void Note(DataFolder folder) => SystemFile.Read(folder)!.At(FolderPlace.Of(folder)).Write(folder);

    private static FolderOrigin OriginOf(DataFolder folder) => SystemFile.Read(folder)!.OriginOf(folder);
}
