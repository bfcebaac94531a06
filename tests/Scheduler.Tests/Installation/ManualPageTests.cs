using System.CommandLine;
using System.Xml.Linq;
using ChangeDetection.Core.Arguments;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.Tests.Cli;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Installation;

/// <summary>The manual pages of a package are made of the command line itself.</summary>
public sealed class ManualPageTests
{
    private static string Version { get; } =
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    [Fact]
    public async Task Page_HasEveryVerbWithItsArgumentsAndOptions()
    {
        var page = (await VerbRun.OfAsync("[manual]")).Output;
        var root = CommandLine.Create(new Terminal(TextWriter.Null, TextWriter.Null, interactive: false, TimeProvider.System));
        var sections = page.Split("\n.SS ");
        var verbs = Leaves(root, Executables.Scheduler).ToList();
        Assert.True(verbs.Count > 30, $"{verbs.Count} verbs");
        Assert.All(verbs, verb =>
        {
            // The words of the call, in bold, and then what belongs to it.
            var section = sections.SingleOrDefault(section => section.StartsWith($"\"\\fB{verb.Path}\\fR", StringComparison.Ordinal));
            Assert.True(section is not null, $"{verb.Path} has no section");
            Assert.All(verb.Command.Arguments, argument => Assert.Contains($"\n\\fI{argument.Name}\\fR", section, StringComparison.Ordinal));
            Assert.All(verb.Command.Options.Where(option => !option.Hidden),
                option => Assert.Contains($"\n\\fB{option.Name.Replace("-", "\\-", StringComparison.Ordinal)}\\fR", section, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Page_TellsTheVersionThatStandsInOnePlace()
    {
        var page = (await VerbRun.OfAsync("[manual]")).Output;
        Assert.Contains($"\"changedetection {Version}\"", page, StringComparison.Ordinal);
        Assert.Equal(Version, ManualPage.Version);
    }

    [Theory, Needs(Resource.Processes)]
    [InlineData(Executables.Worker, "--slots")]
    [InlineData(Executables.Dashboard, "--port")]
    public async Task Page_OfTheOtherPrograms_HasTheirOptionsAndTheSameVersion(string program, string option)
    {
        await using var page = RunningProgram.Start(program, ["[manual]"]);
        Assert.Equal(0, await page.ExitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains($"\\fB{option.Replace("-", "\\-", StringComparison.Ordinal)}\\fR", page.Text, StringComparison.Ordinal);
        Assert.Contains($"{program.Replace("-", "\\-", StringComparison.Ordinal)} {Version}\"", page.Text, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) =>
        command.Subcommands.Count == 0
            ? [(path, command)]
            : command.Subcommands.Where(verb => !verb.Hidden)
                .SelectMany(verb => Leaves(verb, $"{path} {verb.Name.Replace("-", "\\-", StringComparison.Ordinal)}"));
}
