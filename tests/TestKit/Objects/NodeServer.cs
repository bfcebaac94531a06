using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace ChangeDetection.TestKit.Objects;

/// <summary>
/// A server of <c>tests/servers</c> as a process of its own, on a folder of its own. It ends with this object, and also when this process is
/// killed: a shell waits for the end of our pipe, then kills the server and deletes the folder.
/// </summary>
internal sealed partial class NodeServer : IAsyncDisposable
{
    private const string Script = """
        trap '' INT TERM HUP
        folder=$1
        shift
        "$@" < /dev/null &
        read -r _
        kill -KILL $! 2>/dev/null
        wait
        rm -rf "$folder"
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly Process _shell;

    private NodeServer(Process shell, Uri address) => (_shell, Address) = (shell, address);

    public Uri Address { get; }

    /// <summary>Starts a program of <c>tests/servers</c>; skips the test, with the reason, where there is none.</summary>
    /// <param name="arguments">Made from the folder for its data.</param>
    /// <param name="announced">What the line begins with in which it says where it listens.</param>
    public static Task<NodeServer> StartOrSkipAsync(string program, Func<string, string[]> arguments, string announced) =>
        StartOrSkipAsync(program, Installed(".bin", program), Installed(".bin", program), arguments, announced);

    /// <summary>The same for a script of <c>tests/servers</c> that needs a package.</summary>
    public static Task<NodeServer> StartScriptOrSkipAsync(string script, string package, Func<string, string[]> arguments, string announced) =>
        StartOrSkipAsync(package, Path.Combine(Servers, script), Installed(package), arguments, announced);

    private static string Servers => Path.Combine(Repository.Root, "tests", "servers");

    private static string Installed(params string[] path) => Path.Combine([Servers, "node_modules", .. path]);

    private static async Task<NodeServer> StartOrSkipAsync(
        string program, string script, string needed, Func<string, string[]> arguments, string announced)
    {
        if (!Path.Exists(needed))
            Assert.Skip($"{program} is not installed. deploy/test.sh installs it where there are node and npm; by hand: (cd tests/servers && npm ci).");
        var folder = Directory.CreateTempSubdirectory("changedetection-objects-").FullName;
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, "sh", folder, "node", script, .. arguments(folder)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var shell = Process.Start(start)!;
        var listens = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        shell.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                listens.TrySetException(new InvalidOperationException($"{program} ended before it listened."));
            else if (line.Data.Contains(announced, StringComparison.Ordinal) && Port().Match(line.Data) is { Success: true } port)
                listens.TrySetResult(new Uri($"http://127.0.0.1:{port.Groups[1].Value}/"));
        };
        shell.BeginOutputReadLine();
        try
        {
            return new NodeServer(shell, await listens.Task.WaitAsync(s_limit));
        }
        catch
        {
            shell.StandardInput.Close();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_limit);
        await _shell.WaitForExitAsync(limit.Token);
        _shell.Dispose();
    }

    [GeneratedRegex(@":(\d{2,5})\b(?!.*:\d)")]
    private static partial Regex Port();
}
