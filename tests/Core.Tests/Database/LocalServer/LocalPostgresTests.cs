using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database.LocalServer;

[Needs(Resource.Processes)]
public sealed class LocalPostgresTests(PreparedCluster prepared) : IClassFixture<PreparedCluster>
{
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Start_LetsNobodyInWithoutThePassword_AndKeepsThatFromOtherAccounts()
    {
        await using var copy = await prepared.CopyAsync();
        var server = await copy.StartAsync();
        Assert.Equal(42, await PreparedCluster.KeptAsync(server));

        var guess = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "changedetection", Pooling = false };
        await using var source = NpgsqlDataSource.Create(guess);
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await source.OpenConnectionAsync());

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        Assert.Equal(OwnerReadWrite, File.GetUnixFileMode(copy.Folder.Cluster));
        Assert.Equal(OwnerReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(server.Home));
        var password = new NpgsqlConnectionStringBuilder(server.ConnectionString).Password!;
        Assert.Equal(64, password.Length);
        Assert.DoesNotContain(password, await File.ReadAllTextAsync(server.LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhereAKilledOwnerLeftTheServerRunning_AdoptsIt()
    {
        await using var copy = await prepared.CopyAsync();
        var left = await copy.StartAsync();
        var pid = copy.PostmasterPid();

        var adopted = await copy.StartAsync();

        Assert.Equal(pid, copy.PostmasterPid());
        Assert.Equal(left.ConnectionString, adopted.ConnectionString);
        await adopted.StopAsync();
        await Eventually.TrueAsync("the server's process is gone", () => Task.FromResult(!Directory.Exists($"/proc/{pid}")), s_deadline);
    }

    [Fact]
    public async Task Start_AfterTheServerWasKilled_RecoversWhatWasCommitted()
    {
        await using var copy = await prepared.CopyAsync();
        var server = await copy.StartAsync();
        await PreparedCluster.ExecuteAsync(server, "update kept set value = 43");
        using (var process = Process.GetProcessById(copy.PostmasterPid()))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        // Its back ends may live for a moment longer: starting beside them would destroy the data.
        var recovered = await copy.StartAsync();

        Assert.Equal(43, await PreparedCluster.KeptAsync(recovered));
        Assert.Equal(server.Port, recovered.Port);
    }

    [Fact]
    public async Task Start_WhenAnotherProcessHasTheNumberInAStalePidFile_StartsAllTheSame()
    {
        await using var copy = await prepared.CopyAsync();
        await (await copy.StartAsync()).StopAsync();
        // After a restart of the machine the number may be anybody's. A process of the server's own account is the hard case: the server refuses.
        using var other = StartAsOwner(copy, "sleep", "60");
        await File.WriteAllTextAsync(Path.Combine(copy.Data, "postmaster.pid"), $"{other.Id}\n{copy.Data}\n1700000000\n1\n\n127.0.0.1\n\nready   \n");

        var server = await copy.StartAsync();

        Assert.Equal(42, await PreparedCluster.KeptAsync(server));
        Assert.NotEqual(other.Id, copy.PostmasterPid());
        other.Kill();
    }

    [Fact]
    public async Task Start_WhenItsPortIsTaken_TakesAndRemembersAnother()
    {
        await using var copy = await prepared.CopyAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = ((IPEndPoint)listener.LocalEndpoint).Port;
        (ClusterRecord.Read(copy.Folder)! with { Port = taken }).Write(copy.Folder);

        var server = await copy.StartAsync();

        Assert.NotEqual(taken, server.Port);
        Assert.Equal(server.Port, ClusterRecord.Read(copy.Folder)!.Port);
        Assert.Equal(42, await PreparedCluster.KeptAsync(server));
    }

    [Fact]
    public async Task Start_InAFolderWithAnAwkwardName_TreatsItAsAName()
    {
        await using var copy = await prepared.CopyAsync($"it's $(touch pwned) \"{new string('x', 120)}\"; é");
        var server = await copy.StartAsync();

        Assert.Equal(42, await PreparedCluster.KeptAsync(server));
        await server.StopAsync();
        Assert.Empty(Directory.EnumerateFiles(copy.Folder.Path, "pwned", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Start_WithoutTheFileThatHoldsThePassword_LeavesTheClusterAlone()
    {
        using var temporary = new TemporaryFolder();
        File.SetUnixFileMode(temporary.Path, File.GetUnixFileMode(temporary.Path) | UnixFileMode.OtherExecute);
        var folder = DataFolder.Open(temporary["data"]);
        var cluster = temporary.Write("data/postgres/data/PG_VERSION", "15\n");

        var error = await Assert.ThrowsAsync<LocalPostgresException>(() => LocalPostgres.StartAsync(folder));

        Assert.Contains("postgres.json", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(cluster));
    }

    [Fact]
    public async Task Start_WithThePasswordOfAnotherCluster_SaysSo()
    {
        await using var copy = await prepared.CopyAsync();
        (ClusterRecord.Read(copy.Folder)! with { Password = "another" }).Write(copy.Folder);

        var error = await Assert.ThrowsAsync<LocalPostgresException>(copy.StartAsync);

        Assert.Contains("does not take the password", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAClusterOfAVersionThatIsNotInstalled_NamesThePackage()
    {
        using var temporary = new TemporaryFolder();
        var folder = DataFolder.Open(temporary["data"]);
        new ClusterRecord(folder.Postgres, Environment.UserName, 20_000, "password").Write(folder);
        temporary.Write("data/postgres/data/PG_VERSION", "99\n");

        var error = await Assert.ThrowsAsync<PostgresMissingException>(() => LocalPostgres.StartAsync(folder));

        Assert.Contains("postgresql-99", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AfterACreationThatWasKilled_MakesTheClusterAgain()
    {
        await using var copy = ClusterCopy.Empty();
        await using (var first = ChildProcess.Start(ChildRole.Command("cluster", copy.Folder.Path)))
        {
            await Eventually.TrueAsync(
                "initdb is at work",
                () => Task.FromResult(
                    Directory.Exists(copy.Folder.Postgres)
                    && Directory.EnumerateFiles(copy.Folder.Postgres, "PG_VERSION", SearchOption.AllDirectories).Any()),
                s_deadline);
            using var process = Process.GetProcessById(first.Pid);
            process.Kill();
        }

        var server = await copy.StartAsync();

        await PreparedCluster.ExecuteAsync(server, "create table fresh (id int)");
        Assert.Equal(["data"], Directory.EnumerateDirectories(server.Home).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Start_OnAFullDisk_SaysSo_AndKeepsNothing()
    {
        await using var copy = ClusterCopy.Empty();
        using var mount = Process.Start("mount", ["-t", "tmpfs", "-o", "size=12m,mode=0711", "tmpfs", copy.Folder.Path]);
        await mount.WaitForExitAsync();
        Assert.SkipUnless(mount.ExitCode == 0, "Only root may mount a small disk to fill.");
        try
        {
            var error = await Assert.ThrowsAsync<LocalPostgresException>(copy.StartAsync);

            Assert.Contains("is full: free some space", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateDirectories(copy.Folder.Postgres));
        }
        finally
        {
            using var unmount = Process.Start("umount", [copy.Folder.Path]);
            await unmount.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Start_BelowAFolderThatIsClosedToTheAccount_KeepsTheClusterElsewhereAndFindsItAgain()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root lends its cluster to another account.");
        using var closed = new TemporaryFolder();
        var folder = DataFolder.Open(closed["data"]);
        await using var watchdog = PostgresWatchdog.Start(folder);

        var server = await LocalPostgres.StartAsync(folder, PreparedCluster.Fast);
        await PreparedCluster.ExecuteAsync(server, "create table kept (value int); insert into kept values (44)");
        await server.StopAsync();
        var again = await LocalPostgres.StartAsync(folder, PreparedCluster.Fast);

        Assert.StartsWith("/var/lib/changedetection/", again.Home, StringComparison.Ordinal);
        Assert.Equal(server.Home, again.Home);
        Assert.Equal(44, await PreparedCluster.KeptAsync(again));
        Assert.Equal(OwnerReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        await again.StopAsync();
        Directory.CreateDirectory(folder.Path);
    }

    private static Process StartAsOwner(ClusterCopy copy, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/" };
        var account = ClusterRecord.Read(copy.Folder)!.Account;
        if (account != Environment.UserName)
            start.UserName = account;
        return Process.Start(start)!;
    }
}
