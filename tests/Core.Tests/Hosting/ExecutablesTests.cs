using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class ExecutablesTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    [Theory]
    [InlineData("src/Scheduler/bin/Release/net10.0")]
    [InlineData("tests/Resilience.Tests/bin/Release/net10.0")]
    public void Locate_InACheckout_FindsTheSameConfiguration(string from)
    {
        _root.Write("ChangeDetection.sln", "");
        Build("src/Worker/bin/Debug/net10.0");
        var folder = Build("src/Worker/bin/Release/net10.0");

        Assert.Equal(Path.Combine(folder, Executables.Worker), Executables.Locate(Executables.Worker, _root[from]).Program);
    }

    [Theory]
    [InlineData("app")]
    [InlineData("worker")]
    [InlineData("changedetection-worker")]
    public void Locate_InAPublishedFolder_FindsItSideBySideOrBeside(string place)
    {
        var folder = Build(place);

        Assert.Equal(Path.Combine(folder, Executables.Worker), Executables.Locate(Executables.Worker, _root["app"]).Program);
    }

    [Fact]
    public void Locate_AnApphostWithoutItsAssembly_PassesItOver()
    {
        _root.Write($"app/{Executables.Worker}", "");
        var folder = Build("worker");

        Assert.Equal(Path.Combine(folder, Executables.Worker), Executables.Locate(Executables.Worker, _root["app"] + "/").Program);
    }

    [Fact]
    public void Locate_AnAssemblyWithoutApphost_RunsItByDotnet()
    {
        var folder = Build("app");
        File.Delete(Path.Combine(folder, Executables.Worker));

        var found = Executables.Locate(Executables.Worker, folder);

        Assert.Equal("dotnet", Path.GetFileName(found.Program));
        Assert.Equal([Path.Combine(folder, "changedetection-worker.dll"), "--slots", "cpu"], found.Command("worker-1", ["--slots", "cpu"]).Arguments);
    }

    [Fact]
    public void Locate_WhatWasNotBuilt_SaysWhereItLookedAndHowToBuildIt()
    {
        _root.Write("ChangeDetection.sln", "");

        var error = Assert.Throws<FileNotFoundException>(() => Executables.Locate(Executables.Worker, _root["src/Scheduler/bin/Release/net10.0"]));

        Assert.Contains(_root["src/Worker/bin/Release/net10.0"], error.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet build src/Worker", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _root.Dispose();

    private string Build(string folder)
    {
        foreach (var ending in new[] { "", ".dll", ".runtimeconfig.json" })
            _root.Write($"{folder}/{Executables.Worker}{ending}", "");
        return _root[folder];
    }
}
