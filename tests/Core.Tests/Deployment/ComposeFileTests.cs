using System.Text.RegularExpressions;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Deployment;

/// <summary>
/// What can be wrong in <c>deploy/compose.yaml</c> and be seen without Docker: names that lead nowhere, secrets in the open, doors that stand open.
/// <c>deploy/verify-images.sh</c> runs it.
/// </summary>
public sealed partial class ComposeFileTests
{
    private const string Healthy = "service_healthy";
    private static readonly ComposeFile s_file = ComposeFile.Read();

    private static IEnumerable<ComposeService> Ours => s_file.Services.Values.Where(service => service.Target is not null);

    [Fact]
    public void Services_OfOurs_AreBuiltFromATargetOfTheDockerfile()
    {
        Assert.Equal(
            ["cli", "dashboard", "gpu-worker", "scheduler", "worker"], Ours.Select(service => service.Name).Order(StringComparer.Ordinal));
        Assert.All(Ours, service => Assert.Equal(ImageFile.Location, service.BuildFile));
        Assert.Subset(ImageFile.Read().Stages.Keys.ToHashSet(), Ours.Select(service => service.Target!).ToHashSet());
    }

    [Fact]
    public void Services_OfOurs_HaveNoRightsThatTheyDoNotNeed() => Assert.All(Ours, service =>
    {
        Assert.True(service.IsReadOnly, service.Name);
        Assert.Equal(["ALL"], service.DroppedCapabilities);
        Assert.Equal(["no-new-privileges:true"], service.SecurityOptions);
        Assert.Contains("/tmp", service.Tmpfs);
    });

    /// <summary>What waits for health waits for something that has a check, in the file or in its image.</summary>
    [Fact]
    public void Dependencies_LeadToServices_ThatCanBecomeWhatIsWaitedFor()
    {
        var image = ImageFile.Read();
        foreach (var (other, condition) in s_file.Services.Values.SelectMany(service => service.After))
        {
            var service = Assert.Contains(other, s_file.Services);
            Assert.True(
                condition != Healthy || service.HasHealthCheck || image.Stages[service.Target!].HasHealthCheck, $"{other} has no health check.");
        }
        Assert.All(
            s_file.Services.Values.Where(service => service.NetworkMode is not null),
            service => Assert.Contains(service.NetworkMode!.Replace("service:", "", StringComparison.Ordinal), s_file.Services));
    }

    [Fact]
    public void Processes_ThatStay_HaveAHealthCheck() => Assert.All(
        s_file.Services.Values.Where(service => service.Name is not "bucket" and not "cli"),
        service => Assert.True(service.HasHealthCheck || ImageFile.Read().Stages[service.Target!].HasHealthCheck, service.Name));

    [Fact]
    public void Secrets_AreFiles_ThatTheScriptMakes()
    {
        var script = File.ReadAllText(Path.Combine(ComposeFile.Folder, "images", "secrets.sh"));
        Assert.Equal(
            Kept().Matches(script).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal), s_file.Secrets.Keys.Order(StringComparer.Ordinal));
        Assert.All(s_file.Secrets, secret => Assert.Equal(secret.Key, Path.GetFileName(secret.Value)));
        Assert.Equal(
            s_file.Secrets.Keys.ToHashSet(), s_file.Services.Values.SelectMany(service => service.Secrets).ToHashSet());
    }

    /// <summary>What is secret comes as a file: a variable can be read by whoever may look at the container, and goes on to every child.</summary>
    [Fact]
    public void Secrets_StandInNoVariable()
    {
        Assert.All(s_file.Services.Values, service => Assert.DoesNotContain(service.Environment, variable =>
            SecretName().IsMatch(variable.Key) && !variable.Value.StartsWith("/run/secrets/", StringComparison.Ordinal)));
        var named = from service in s_file.Services.Values
                    from variable in service.Environment
                    where variable.Value.StartsWith("/run/secrets/", StringComparison.Ordinal)
                    select (service, secret: Path.GetFileName(variable.Value));
        Assert.All(named, one => Assert.Contains(one.secret, one.service.Secrets));
    }

    [Fact]
    public void Variables_OfOurs_AreExplainedInTheSettings()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "settings.md"));
        var ours = Ours.SelectMany(service => service.Environment.Keys).Concat(ImageFile.Read().Stages.Values.SelectMany(stage => stage.Variables))
            .Where(name => name.StartsWith("CHANGEDETECTION_", StringComparison.Ordinal) || name.StartsWith("AWS_", StringComparison.Ordinal)).ToHashSet();
        Assert.Contains("CHANGEDETECTION_DATABASE_FILE", ours);
        Assert.All(ours, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Variables_ThatAPersonMaySet_AreExplainedInThePage()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "containers.md"));
        Assert.All(s_file.Variables, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    /// <summary>One door, for this machine alone unless said otherwise, and TLS behind it.</summary>
    [Fact]
    public void Ports_AreCaddysAlone_OnLoopback()
    {
        var open = Assert.Single(s_file.Services.Values, service => service.Ports.Count > 0);
        Assert.Equal(["127.0.0.1:443:443"], open.Ports);
        Assert.Equal($"service:{open.Name}", s_file.Services["caddy"].NetworkMode);
        Assert.Equal("dashboard", open.Name);
    }

    [Fact]
    public void Networks_OfDatabaseAndStore_HaveNoWayOut()
    {
        Assert.All(((string[])["postgres", "store", "scheduler", "worker"]).Select(name => s_file.Services[name]),
            service => Assert.All(service.Networks, network => Assert.True(s_file.NetworksThatAreInternal[network], service.Name)));
        Assert.Subset(s_file.NetworksThatAreInternal.Keys.ToHashSet(), s_file.Services.Values.SelectMany(service => service.Networks).ToHashSet());
    }

    [Fact]
    public void Volumes_AreDeclared_AndFilesOfTheCheckoutAreThere()
    {
        var sources = s_file.Services.Values.SelectMany(service => service.Volumes).Select(volume => volume.Split(':')[0]).ToHashSet();
        Assert.Equal(s_file.Volumes.ToHashSet(), sources.Where(source => !source.StartsWith('.')).ToHashSet());
        Assert.True(File.Exists(Path.Combine(ComposeFile.Folder, Assert.Single(sources, source => source.EndsWith("file", StringComparison.Ordinal)))));
    }

    /// <summary>Each file of the script comes from the end of a pipe: <c>… | keep NAME</c>.</summary>
    [GeneratedRegex(@"\| keep ([a-z_]+)")]
    private static partial Regex Kept();

    [GeneratedRegex("PASSWORD|SECRET|CREDENTIALS|DATABASE|_KEY")]
    private static partial Regex SecretName();
}
