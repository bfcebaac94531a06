using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Dashboard.Tests.Settings;

/// <summary>The process itself: what it accepts, what it refuses, how it ends.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class StartingTests(SeededDashboard dashboard)
{
    private const string Announcement = "dashboard: http://127.0.0.1:";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("--bind", "0.0.0.0", null, "SSH tunnel")]
    [InlineData("--bind", "192.168.1.7", null, "SSH tunnel")]
    [InlineData("--bind", "here", null, "not an IP address")]
    [InlineData("--port", "65536", null, "not a port")]
    [InlineData("--urls", "http://*:80", null, "error: There is no option '--urls'. There are: --data-dir, --port, --bind")]
    [InlineData("--prot", "5080", null, "error: There is no option '--prot'. Did you mean '--port'?")]
    [InlineData("--prot", "5080", null, "See `changedetection-dashboard --help`.")]
    [InlineData("--bind", "0.0.0.0", "CHANGEDETECTION_TLS__CERTIFICATE=c.pem", "CHANGEDETECTION_TLS__KEY go together")]
    [InlineData("--bind", "0.0.0.0", "CHANGEDETECTION_TRUSTED_PROXY=10.0.0.1", "CHANGEDETECTION_HOSTS")]
    [InlineData(null, null, "CHANGEDETECTION_TRUSTED_PROXY=proxy", "'proxy' is no IP address and no network")]
    [InlineData(null, null, "CHANGEDETECTION_HOSTS=https://changes.example.org/", "is no host name")]
    [InlineData(null, null, "CHANGEDETECTION_STARTUP_TOKEN=short", "32 or more letters")]
    [InlineData(null, null, "CHANGEDETECTION_OIDC__AUTHORITY=http://login.example.org", "with https")]
    [InlineData(null, null, "CHANGEDETECTION_OIDC__AUTHORITY=https://login.example.org", "nobody could sign in")]
    [InlineData(null, null, "ASPNETCORE_URLS=http://0.0.0.0:5080", "SSH tunnel")]
    [InlineData(null, null, "ASPNETCORE_HTTP_PORTS=8080", "SSH tunnel")]
    [InlineData(null, null, "CHANGEDETECTION_BIND=::", "SSH tunnel")]
    [InlineData(null, null, "CHANGEDETECTION_STORE=store", "CHANGEDETECTION_STORE")]
    [InlineData(null, null, "CHANGEDETECTION_STORE=gopher://store", "gopher")]
    public async Task Start_WithASettingThatIsWrong_SaysSoAndExits2(string? option, string? value, string? variable, string expected)
    {
        var environment = Environment();
        if (variable?.Split('=', 2) is [var name, var setting])
            environment[name] = setting;
        await using var program = RunningProgram.Start(Executables.Dashboard, option is null ? ["--port", "0"] : [option, value!], environment);

        Assert.Equal(2, await program.ExitAsync(s_patience));
        Assert.Contains(expected, program.Text);
    }

    [Fact]
    public async Task Start_OnAPortThatIsTaken_NamesItAndExits2()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var program = RunningProgram.Start(Executables.Dashboard, ["--port", $"{port}"], Environment());

        Assert.Equal(2, await program.ExitAsync(s_patience));
        Assert.Contains($"Port {port} is taken", program.Text);
    }

    [Fact]
    public async Task Start_WithoutASystem_SaysHowToStartOne()
    {
        using var folder = new TemporaryFolder();
        var environment = Environment();
        environment["CHANGEDETECTION_DATABASE"] = null;
        await using var program = RunningProgram.Start(Executables.Dashboard, ["--data-dir", folder["none"]], environment);

        Assert.Equal(2, await program.ExitAsync(s_patience));
        Assert.Contains("changedetection up", program.Text);
        Assert.False(Directory.Exists(folder["none"]));
    }

    [Fact]
    public async Task Start_OnTheFolderOfARunningSystem_FindsItAndTakesTheNextFreePort()
    {
        using var place = new TemporaryFolder();
        var folder = DataFolder.Open(place["data"]);
        using var owner = RunHere(folder);
        var environment = Environment();
        environment["CHANGEDETECTION_DATABASE"] = null;
        environment["CHANGEDETECTION_STORE"] = null;
        await using var program = RunningProgram.Start(Executables.Dashboard, ["--data-dir", folder.Path], environment);

        var address = new Uri((await program.LineAsync(Announcement, s_patience))["dashboard: ".Length..]);
        using var client = new HttpClient();
        var page = await client.GetStringAsync(address);

        Assert.True(address.Port >= 5080);
        Assert.Contains("szada-fc-siam-diff", page);
        // What the page needs comes from this process alone, wherever it was started.
        Assert.Contains("customElements", await client.GetStringAsync(new Uri(address, "charts/metric-chart.js")));
        Assert.Contains("Blazor", await client.GetStringAsync(new Uri(address, "_framework/blazor.web.js")));
        program.Terminate();
        Assert.Equal(0, await program.ExitAsync(s_patience));
    }

    /// <summary>The folder names a system whole: nothing of the one that the environment names, neither rows nor objects, may show.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_OnAFolderWhileTheEnvironmentNamesAnotherSystem_ShowsRowsAndObjectsOfTheFolders(bool withStore)
    {
        using var place = new TemporaryFolder();
        var folder = DataFolder.Open(place["data"]);
        using var owner = RunHere(folder);
        await using var other = await dashboard.CreateDatabaseAsync();
        var environment = Environment();
        environment["CHANGEDETECTION_DATABASE"] = other.ConnectionString;
        environment["CHANGEDETECTION_STORE"] = withStore ? new Uri(place["other/"]).AbsoluteUri : null;
        await using var program = RunningProgram.Start(Executables.Dashboard, ["--port", "0", "--data-dir", folder.Path], environment);

        var address = new Uri((await program.LineAsync(Announcement, s_patience))["dashboard: ".Length..]);
        using var client = new HttpClient();

        Assert.Contains("szada-fc-siam-diff", await client.GetStringAsync(address));
        var best = dashboard.Runs.Best;
        var file = await client.GetByteArrayAsync(new Uri(address, $"runs/{best.RunId}/checkpoints/{best.Step}-{best.Attempt}/weights.safetensors"));
        var tensors = await Safetensors.ReadAsync(new MemoryStream(file), file.Length, "download", default);
        Assert.Equal(best.WeightsSha256, Safetensors.Sha256(tensors.Values));
    }

    [Fact]
    public async Task Start_WithALifeline_EndsWhenItEnds()
    {
        var found = Executables.Locate(Executables.Dashboard);
        var start = new ProcessStartInfo(found.Program, [.. found.LeadingArguments, "--port", "0"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in Environment())
            start.Environment[name] = value;
        start.Environment[ParentPipe.Variable] = "stdin";
        using var program = Process.Start(start)!;
        Assert.StartsWith(Announcement, await program.StandardOutput.ReadLineAsync().WaitAsync(s_patience));

        program.StandardInput.Close();

        using var limit = new CancellationTokenSource(s_patience);
        await program.WaitForExitAsync(limit.Token);
        Assert.Equal(0, program.ExitCode);
    }

    /// <summary>Makes the folder one on which the seeded system is up, until the lock is let go.</summary>
    private OwnerLock RunHere(DataFolder folder)
    {
        var owner = OwnerLock.TryTake(folder, "up", TimeProvider.System)!;
        File.WriteAllText(folder.Cluster, "{}");
        new ConnectionFile(dashboard.Database.ConnectionString, dashboard.Store.Root, null, System.Environment.ProcessId).Write(folder);
        return owner;
    }

    private Dictionary<string, string?> Environment() => new()
    {
        ["CHANGEDETECTION_DATABASE"] = dashboard.Database.ConnectionString,
        ["CHANGEDETECTION_STORE"] = dashboard.Store.Root.AbsoluteUri,
        ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };
}
