using System.Globalization;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// The memory cgroup of a process, and how many of its processes the kernel has killed for want of memory: <c>memory.events</c> in version 2 of
/// cgroups, <c>memory.oom_control</c> in version 1. Both count <c>oom_kill</c> for the group that the victim belonged to.
/// </summary>
public sealed class MemoryGroup
{
    private readonly string _countsFile;

    private MemoryGroup(string countsFile) => _countsFile = countsFile;

    /// <param name="root">Where <c>/proc</c> stands and the mounts are seen from; another one in tests.</param>
    /// <returns>Null where there is none: no Linux, no memory controller, or the root group, which does not count.</returns>
    public static MemoryGroup? Of(int pid, string root = "/")
    {
        try
        {
            // "4:memory:/path" in version 1, "0::/path" in version 2; a machine may have both, and then memory stands in version 1.
            var groups = File.ReadLines(Path.Combine(root, $"proc/{pid}/cgroup")).Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).ToList();
            var own = groups.Find(parts => parts[1].Split(',').Contains("memory")) ?? groups.Find(parts => parts is ["0", "", _]);
            if (own is null)
                return null;
            var (type, file) = own[1].Length > 0 ? ("cgroup", "memory.oom_control") : ("cgroup2", "memory.events");
            var folder = File.ReadLines(Path.Combine(root, $"proc/{pid}/mountinfo")).Select(
                line => FolderOf(line, type, own[2])).FirstOrDefault(found => found is not null);
            var counts = folder is null ? null : Path.Combine(root, folder.TrimStart('/'), file);
            return counts is not null && File.Exists(counts) ? new MemoryGroup(counts) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Processes killed so far; 0 when the group is gone, or its kernel does not say.</summary>
    public long Kills()
    {
        const string key = "oom_kill ";
        try
        {
            var line = File.ReadLines(_countsFile).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
            return line is not null && long.TryParse(line.AsSpan(key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var kills) ? kills : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Where a mount shows the group; null when it is another mount. In a container the mount's own root is part of the group's path.</summary>
    private static string? FolderOf(string mount, string type, string group)
    {
        // proc(5): id, parent, device, root, mount point, options, tags …, "-", type, source, super options.
        var halves = mount.Split(" - ", 2);
        if (halves.Length < 2 || halves[0].Split(' ') is not [_, _, _, var mountRoot, var point, ..]
            || halves[1].Split(' ') is not [var mounted, _, var options])
            return null;
        if (mounted != type || (type == "cgroup" && !options.Split(',').Contains("memory")))
            return null;
        var inside = mountRoot != "/" && group.StartsWith(mountRoot, StringComparison.Ordinal) ? group[mountRoot.Length..] : group;
        return $"{point}/{inside.TrimStart('/')}";
    }
}
