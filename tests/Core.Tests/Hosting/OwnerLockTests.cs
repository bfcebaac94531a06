using System.Diagnostics;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

[Needs(Resource.Processes)]
public sealed class OwnerLockTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _temporary = new();
    private readonly DataFolder _folder;

    public OwnerLockTests() => _folder = DataFolder.Open(_temporary["data"]);

    [Fact]
    public async Task Take_WhatSomebodyHolds_SaysWho()
    {
        using var first = await TakeAsync("up", TimeSpan.Zero);

        var error = await Assert.ThrowsAsync<DataFolderInUseException>(() => TakeAsync("list", TimeSpan.Zero));

        Assert.Equal(Environment.ProcessId, error.Holder!.Pid);
        Assert.Contains($"process {Environment.ProcessId} (changedetection up", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_WhatIsReleasedMeanwhile_WaitsForIt()
    {
        var first = await TakeAsync("list", TimeSpan.Zero);
        var second = TakeAsync("up", s_patience);
        Assert.False(second.IsCompleted);

        first.Dispose();

        using var taken = await second;
        Assert.Equal("up", OwnerLock.HolderOf(_folder)!.Purpose);
    }

    [Fact]
    public async Task Take_WhatAKilledProcessHeld_Succeeds()
    {
        using var holder = Process.Start("flock", ["--no-fork", "--exclusive", _folder["owner.lock"], "sleep", "60"]);
        await Eventually.TrueAsync("the other process holds the lock", () => Task.FromResult(OwnerLock.IsHeld(_folder)), s_patience);

        holder.Kill();

        using var taken = await TakeAsync("up", s_patience);
    }

    [Fact]
    public async Task Connections_AreThoseOfASystemThatIsUp()
    {
        var written = new ConnectionFile(
            "Host=127.0.0.1;Password=secret", new Uri("file:///data/store"), new Uri("http://127.0.0.1:5000"), Environment.ProcessId);
        using (await TakeAsync("up", TimeSpan.Zero))
        {
            written.Write(_folder);
            Assert.Equal(written, ConnectionFile.Read(_folder));
            // As it comes along with a copy of a folder whose system was up.
            (written with { OwnerPid = 1 }).Write(_folder);
            Assert.Null(ConnectionFile.Read(_folder));
        }

        // As a kill -9 leaves it: the file stands, and nobody holds the lock.
        Assert.Null(ConnectionFile.Read(_folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["connection.json"]));
    }

    [Fact]
    public async Task Connections_InADamagedFile_AreAnErrorThatNamesIt()
    {
        using var up = await TakeAsync("up", TimeSpan.Zero);
        await File.WriteAllTextAsync(_folder["connection.json"], "{ \"database\": ");

        var error = Assert.Throws<DataFolderException>(() => ConnectionFile.Read(_folder));

        Assert.Contains("connection.json", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _temporary.Dispose();

    private Task<OwnerLock> TakeAsync(string purpose, TimeSpan patience) =>
        OwnerLock.TakeAsync(_folder, purpose, patience, TimeProvider.System, CancellationToken.None);
}
