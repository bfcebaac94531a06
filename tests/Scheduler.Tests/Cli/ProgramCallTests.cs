using ChangeDetection.Scheduler.Cli.Output;


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
}
