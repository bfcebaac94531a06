using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

public sealed class ProgramCallTests
{
    [Theory]
    [InlineData("/usr/bin/dotnet", "/home/u/repo/bin", "/usr/bin", "dotnet /home/u/repo/bin/changedetection.dll")]
    [InlineData("/usr/bin/dotnet", "/home/u/my repo/bin", "/usr/bin", "dotnet \"/home/u/my repo/bin/changedetection.dll\"")]
    [InlineData("/opt/cd/changedetection", "/opt/cd", "/usr/bin", "/opt/cd/changedetection")]
    [InlineData("/opt/cd/changedetection", "/opt/cd", "/usr/bin:/opt/cd", "changedetection")]
    [InlineData("/opt/cd/changedetection", "/opt/cd", null, "/opt/cd/changedetection")]
    public void Text_IsWhatCanBeTyped(string process, string folder, string? path, string expected) =>
        Assert.Equal(expected, ProgramCall.Of(process, folder, path));

    /// <summary>A package puts a link to the program on the path.</summary>
    [Fact]
    public void Text_OfAProgramThatThePathLinksTo_IsItsName()
    {
        using var folder = new TemporaryFolder();
        var (bin, program) = (Directory.CreateDirectory(folder["bin"]).FullName, folder["changedetection"]);
        File.WriteAllText(program, "");
        File.CreateSymbolicLink(Path.Combine(bin, "changedetection"), "../changedetection");
        Assert.Equal("changedetection", ProgramCall.Of(program, folder["."], $"/usr/bin:{bin}"));
        Assert.Equal(program, ProgramCall.Of(program, folder["."], "/usr/bin"));
    }
}
