using System.Diagnostics;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

/// <summary>The kernel's kills for want of memory are told from others by the count of the process's own cgroup.</summary>
[Needs(Resource.Processes)]
public sealed class MemoryGroupTests
{
    private const int Pid = 42;

    [Theory]
    // Version 2 alone, as most systems have it.
    [InlineData("0::/user.slice/worker", "30 1 0:27 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw",
        "sys/fs/cgroup/user.slice/worker/memory.events", "low 0\noom 4\noom_kill 3\n")]
    // A container of version 2: the mount shows its own part.
    [InlineData("0::/docker/ab", "30 1 0:27 /docker/ab /sys/fs/cgroup rw - cgroup2 cgroup rw", "sys/fs/cgroup/memory.events", "oom_kill 3\noom_group_kill 0\n")]
    // Version 1 beside a version 2 that has no memory controller.
    [InlineData(
        "4:memory:/worker\n1:cpu:/other\n0::/",
        "35 31 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / " +
        "/sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
        "sys/fs/cgroup/memory/worker/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")]
    public void Kills_OfAProcess_AreThoseOfItsOwnGroup(string groups, string mounts, string file, string counts)
    {
        using var root = new TemporaryFolder();
        root.Write($"proc/{Pid}/cgroup", groups + "\n");
        root.Write($"proc/{Pid}/mountinfo", $"22 1 8:1 / / rw - ext4 /dev/sda rw\n{mounts}\n");
        root.Write(file, counts);

        var group = MemoryGroup.Of(Pid, root.Path);

        Assert.Equal(3, group?.Kills());
        root.Write(file, "oom_kill 5\n");
        Assert.Equal(5, group?.Kills());
    }

    [Theory]
    [InlineData("0::/\n")] // the root group counts nothing
    [InlineData("1:cpu:/\n")]
    [InlineData("")]
    public void Of_AProcessWithoutACountedGroup_IsNone(string groups)
    {
        using var root = new TemporaryFolder();
        root.Write($"proc/{Pid}/cgroup", groups);
        root.Write($"proc/{Pid}/mountinfo", "30 1 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");

        Assert.Null(MemoryGroup.Of(Pid, root.Path));
        Assert.Null(MemoryGroup.Of(Pid + 1, root.Path));
    }

    [Fact]
    public async Task Explains_KernelKilledOneOfTwo_ExplainsOneDeath()
    {
        using var limit = MemoryLimit.OrSkip(20 << 20);
        // It waits for a word, so that it is in the group before it takes memory without end.
        using var greedy = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read word; exec tail /dev/zero"]) { RedirectStandardInput = true })!;
        using var modest = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read word"]) { RedirectStandardInput = true })!;
        limit.Add(greedy.Id);
        limit.Add(modest.Id);
        var kills = new OutOfMemoryKills();
        var (first, second) = (kills.Of(greedy.Id), kills.Of(modest.Id));

        await greedy.StandardInput.WriteLineAsync("go");
        await greedy.WaitForExitAsync();
        modest.Kill();
        await modest.WaitForExitAsync();

        Assert.Equal((137, 137), (greedy.ExitCode, modest.ExitCode));
        Assert.True(first.Explains());
        Assert.False(second.Explains());
    }
}
