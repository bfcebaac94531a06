using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Installation;

/// <summary>The units of a package start what there is, closed as a service should be.</summary>
public sealed class UnitFileTests
{
    private static readonly string s_package = Path.Combine(Repository.Root, "deploy", "package");

    public static TheoryData<string> Units =>
        [.. Directory.EnumerateFiles(Path.Combine(s_package, "systemd"), "*.service").Select(file => Path.GetFileName(file)!)];

    public static TheoryData<string> Services => [.. Units.Select(row => row.Data).Where(unit => !unit.EndsWith(".user.service", StringComparison.Ordinal))];

    [Fact]
    public void Units_AreOneForEachProgram_AndOneForAnAccountsOwnSystem() => Assert.Equal(
        ["changedetection-dashboard.service", "changedetection-scheduler.service", "changedetection-worker.service", "changedetection.user.service"],
        Units.Select(row => row.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Units))]
    public void ExecStart_IsAProgramOfOurs_WithWordsThatItKnows(string unit)
    {
        var command = Value(unit, "ExecStart").Split(' ');
        Assert.StartsWith("/usr/bin/", command[0], StringComparison.Ordinal);
        var program = Path.GetFileName(command[0]);
        Assert.Contains(program, new[] { Executables.Scheduler, Executables.Worker, Executables.Dashboard });
        if (program != Executables.Scheduler)
        {
            Assert.Single(command);
            return;
        }
        var root = CommandLine.Create(new Terminal(TextWriter.Null, TextWriter.Null, interactive: false, TimeProvider.System));
        Assert.Empty(root.Parse(command[1..]).Errors);
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void Unit_HasSectionsAndKeysAlone(string unit)
    {
        var lines = Lines(unit);
        Assert.Equal(["[Unit]", "[Service]", "[Install]"], lines.Where(line => line.StartsWith('[')));
        Assert.All(lines.Where(line => !line.StartsWith('[')), line => Assert.Matches(@"^[A-Z][A-Za-z]+=", line));
        // To start again cannot help where a setting is wrong (exit code 2).
        Assert.Equal("2", Value(unit, "RestartPreventExitStatus"));
        Assert.Equal("yes", Value(unit, "NoNewPrivileges"));
        Assert.Equal("mixed", Value(unit, "KillMode"));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_RunsAsAnAccountOfItsOwn_AndReadsSettingsThatOthersCannot(string unit)
    {
        Assert.Equal(Executables.Scheduler, Value(unit, "User"));
        Assert.Contains(Value(unit, "ProtectSystem"), new[] { "full", "strict" });
        Assert.Equal("", Value(unit, "CapabilityBoundingSet"));
        var files = Values(unit, "EnvironmentFile").ToList();
        Assert.Equal("/etc/changedetection/changedetection.env", files[0]);
        Assert.All(files.Skip(1), file => Assert.StartsWith("-/etc/changedetection/", file, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(s_package, Path.GetFileName(files[0]))));
    }

    [Fact]
    public void Worker_HasTheTimeThatItsCheckpointsMayTake()
    {
        // Its host waits three times the grace, by default a minute each (docs/settings.md).
        var limit = double.Parse(Value("changedetection-worker.service", "TimeoutStopSec"), CultureInfo.InvariantCulture);
        Assert.True(limit > 3 * 60, $"{limit} s");
    }

    /// <summary>What the settings of the services name is a variable that the page of settings explains.</summary>
    [Fact]
    public void Settings_AreThoseOfThePage()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "settings.md"));
        var variables = File.ReadLines(Path.Combine(s_package, "changedetection.env"))
            .Where(line => line.StartsWith("#CHANGEDETECTION_", StringComparison.Ordinal))
            .Select(line => line[1..line.IndexOf('=', StringComparison.Ordinal)]).ToList();
        Assert.NotEmpty(variables);
        Assert.All(variables, variable => Assert.Contains($"`{variable}`", page, StringComparison.Ordinal));
    }

    private static string Value(string unit, string key) => Values(unit, key).Single();

    private static IEnumerable<string> Values(string unit, string key) =>
        Lines(unit).Where(line => line.StartsWith($"{key}=", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..]);

    private static List<string> Lines(string unit) =>
        [.. File.ReadLines(Path.Combine(s_package, "systemd", unit)).Where(line => line.Length > 0 && !line.StartsWith('#'))];
}
