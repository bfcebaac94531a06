using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Database.LocalServer;

[Needs(Resource.Processes)]
public sealed class PostgresBinariesTests
{
    [Fact]
    public void Find_InAChosenFolderWithoutAServer_NamesVariableAndPackage()
    {
        using var empty = new TemporaryFolder();

        var error = Assert.Throws<PostgresMissingException>(() => PostgresBinaries.Find(empty.Path, [], major: null));

        Assert.Contains(PostgresBinaries.Variable, error.Message, StringComparison.Ordinal);
        Assert.Contains("Install the package postgresql", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_WhereOnlyAnotherVersionIsInstalled_SaysWhichIsThere()
    {
        using var folder = Installation(14);

        var error = Assert.Throws<PostgresMissingException>(() => PostgresBinaries.Find(null, [folder.Path], major: 15));

        Assert.Contains("postgresql-15", error.Message, StringComparison.Ordinal);
        Assert.Contains($"14 in {folder.Path}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ThroughALinkToOneProgram_FindsItsSiblings()
    {
        using var folder = Installation(17);
        using var onPath = new TemporaryFolder();
        File.CreateSymbolicLink(onPath["pg_ctl"], folder["pg_ctl"]);

        Assert.Equal(new PostgresBinaries(folder.Path, 17), PostgresBinaries.Find(null, [onPath.Path], major: null));
    }

    [Fact]
    public void Find_PassesOverWhatIsTooOldOrIncomplete()
    {
        using var old = Installation(9);
        using var clientOnly = new TemporaryFolder();
        clientOnly.Write("pg_ctl", "");
        using var good = Installation(16);

        Assert.Equal(16, PostgresBinaries.Find(null, [old.Path, clientOnly.Path, good.Path], major: null).Major);
    }

    private static TemporaryFolder Installation(int major)
    {
        var folder = new TemporaryFolder();
        foreach (var program in new[] { "initdb", "postgres", "pg_ctl" })
        {
            var path = folder.Write(program, $"#!/bin/sh\necho '{program} (PostgreSQL) {major}.2'\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return folder;
    }
}
