using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Deployment;

/// <summary>What each image of <c>deploy/Dockerfile</c> promises.</summary>
public sealed class ImageFileTests
{
    public static TheoryData<string, string> Programs => new()
    {
        { "cli", Executables.Scheduler },
        { "scheduler", Executables.Scheduler },
        { "worker", Executables.Worker },
        { "dashboard", Executables.Dashboard },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Image_StartsItsProgram_AsAnAccountThatIsNotRoot(string target, string program)
    {
        var stage = ImageFile.Read().Stages[target];
        Assert.Equal("10001:10001", stage.User);
        Assert.Equal($"[\"/usr/lib/changedetection/{program}\"]", stage.Entrypoint);
        Assert.Equal(target != "cli", stage.HasHealthCheck);
    }

    [Fact]
    public void Image_OfAProcessWithoutAPort_ShowsItsHealthByAFile()
    {
        var stages = ImageFile.Read().Stages;
        Assert.All(((string[])["scheduler", "worker"]).Select(name => stages[name]), stage => Assert.Contains(HealthFile.Variable, stage.Variables));
        Assert.DoesNotContain(HealthFile.Variable, stages["cli"].Variables);
    }

    /// <summary>The age at which the check gives a process up is a multiple of what the process keeps to.</summary>
    [Fact]
    public void Check_GivesAProcessSixTimesItsInterval() => Assert.Contains(
        $"-mmin -{HealthFile.Every.TotalMinutes * 6:0.0}",
        File.ReadAllText(Path.Combine(ComposeFile.Folder, "images", "healthy.sh")), StringComparison.Ordinal);

    [Fact]
    public void Files_ThatAreTaken_AreInTheCheckout() => Assert.All(
        ImageFile.Read().Stages.Values.SelectMany(stage => stage.Taken).Where(path => path is not "." and not "published"),
        path => Assert.True(File.Exists(Path.Combine(Repository.Root, path)), path));
}
