using System.Diagnostics;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Installation;

/// <summary><c>deploy/install.sh</c> with a published folder in miniature: what it puts there it takes away again, and nothing else.</summary>
[Needs(Resource.Processes)]
public sealed class InstallScriptTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private static readonly string[] s_programs = ["changedetection", "changedetection-worker", "changedetection-dashboard"];
    private readonly TemporaryFolder _folder = new();

    public InstallScriptTests()
    {
        foreach (var program in s_programs)
        {
            _folder.Write($"published/{program}", "#!/bin/sh\necho \"$0 $*\"\n");
            File.SetUnixFileMode(_folder[$"published/{program}"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            _folder.Write($"published/{program}.deps.json", "{}\n");
            _folder.Write($"published/files/{program}", $"{program}\n{program}.deps.json\n");
        }
        _folder.Write("published/licences/packages.tsv", "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Install_ThenTheClientOverIt_ThenUninstall_LeavesWhatIsNotItsOwn()
    {
        var stranger = _folder.Write("prefix/bin/other", "mine");
        await SucceedsAsync("--published", _folder["published"]);
        Assert.All(s_programs, program => Assert.True(File.Exists(_folder[$"prefix/bin/{program}"]), program));
        Assert.Contains(Files(), file => file.EndsWith("share/man/man1/changedetection-worker.1.gz", StringComparison.Ordinal));
        Assert.Contains(Files(), file => file.EndsWith("share/bash-completion/completions/changedetection", StringComparison.Ordinal));
        var unit = Files().First(file => file.EndsWith("systemd/user/changedetection.service", StringComparison.Ordinal));
        Assert.Contains($"ExecStart={_folder["prefix"]}/bin/changedetection up", File.ReadAllLines(unit));

        await SucceedsAsync("--client", "--published", _folder["published"]);
        Assert.True(File.Exists(_folder["prefix/bin/changedetection"]));
        Assert.DoesNotContain(Files(), file => file.Contains("worker", StringComparison.Ordinal) && !file.Contains("/docs/", StringComparison.Ordinal));

        await SucceedsAsync("--uninstall");
        Assert.Equal(stranger, Assert.Single(Files()));
    }

    [Fact]
    public async Task Install_OverAProgramOfSomebodyElse_IsRefusedAndChangesNothing()
    {
        var theirs = _folder.Write("prefix/bin/changedetection", "theirs");
        var (code, errors) = await RunAsync("--published", _folder["published"]);
        Assert.Equal(1, code);
        Assert.Contains($"'{theirs}' exists, and this script did not make it", errors, StringComparison.Ordinal);
        Assert.Equal(theirs, Assert.Single(Files()));
    }

    [Fact]
    public async Task Uninstall_WhereNothingIsInstalled_SaysSo()
    {
        var (code, errors) = await RunAsync("--uninstall");
        Assert.Equal(1, code);
        Assert.Contains("nothing of ours is installed below", errors, StringComparison.Ordinal);
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_folder["prefix"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task SucceedsAsync(params string[] arguments)
    {
        var (code, errors) = await RunAsync(arguments);
        Assert.True(code == 0, $"exit code {code}: {errors}");
    }

    private async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        using var script = Process.Start(new ProcessStartInfo(
            Path.Combine(Repository.Root, "deploy", "install.sh"), ["--prefix", _folder["prefix"], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(s_limit);
        var output = script.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = await script.StandardError.ReadToEndAsync(limit.Token);
        await output;
        await script.WaitForExitAsync(limit.Token);
        return (script.ExitCode, errors);
    }
}
