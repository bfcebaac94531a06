using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>The checkout that the tests were built from, and the optional folder of real data beside it.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>ChangeDetection.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of <c>../shared</c>; skips the test, with a reason, where it is absent.</summary>
    public static string SharedOrSkip(string relativePath)
    {
        var path = Path.GetFullPath(Path.Combine(Root, "..", "shared", relativePath));
        if (!Path.Exists(path))
            Assert.Skip($"The shared folder with '{relativePath}' is not beside this checkout.");
        return path;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ChangeDetection.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No ChangeDetection.sln above {AppContext.BaseDirectory}.");
    }
}
