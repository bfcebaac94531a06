using System.Globalization;

namespace ChangeDetection.Core.Health;

/// <summary>What this host lets a process of ours have: open files, memory, shared memory, and Unicode.</summary>
public static class HostHealth
{
    private const long FewFiles = 4096;
    private const long LittleMemory = 2L << 30;
    private const long LittleShared = 32L << 20;
    private const string Shared = "/dev/shm";

    /// <param name="needsSharedMemory">Whether a PostgreSQL of our own runs here, which uses it.</param>
    /// <param name="root">Where <c>/proc</c> stands; another one in tests.</param>
    public static IReadOnlyList<HealthFinding> Check(bool needsSharedMemory, string root = "/") =>
        [Files(root), Memory(), .. needsSharedMemory ? [SharedMemory()] : (HealthFinding[])[], Unicode(root)];

    private static HealthFinding Files(string root)
    {
        const string name = "open files";
        if (Limit(root) is not { } limit)
            return HealthFinding.Skipped(name, "the kernel does not say (/proc/self/limits)");
        var seen = limit == long.MaxValue ? "no limit" : string.Create(CultureInfo.InvariantCulture, $"{limit} for a process");
        return limit < FewFiles
            ? HealthFinding.Warning(
                name, seen, "a worker with several slots, or a dashboard with many viewers, may run out of them.",
                "Raise the limit: LimitNOFILE= of a systemd unit, or 'ulimit -Hn' of the shell.")
            : HealthFinding.Good(name, seen);
    }

    /// <summary>Of the running process, whose soft limit .NET has raised to the hard one.</summary>
    private static long? Limit(string root)
    {
        const string line = "Max open files";
        try
        {
            var soft = File.ReadLines(Path.Combine(root, "proc/self/limits")).FirstOrDefault(text => text.StartsWith(line, StringComparison.Ordinal))?
                [line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return soft == "unlimited" ? long.MaxValue
                : long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files) ? files
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The machine's, or less where a memory cgroup says so: the runtime asks both.</summary>
    private static HealthFinding Memory()
    {
        const string name = "memory";
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var seen = string.Create(
            CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB for a process of ours (of the machine, or of its cgroup)");
        return bytes < LittleMemory
            ? HealthFinding.Warning(name, seen, "most networks need more to train.", "Give the machine or the container more memory.")
            : HealthFinding.Good(name, seen);
    }

    private static HealthFinding SharedMemory()
    {
        const string name = "shared memory";
        const string remedy = "Mount a tmpfs of 64 MiB and more there (docker run --shm-size=256m).";
        if (!Directory.Exists(Shared))
            return HealthFinding.Failure(name, Shared, "it is not there, and PostgreSQL needs it.", remedy);
        return DiskHealth.Room(Shared) is { } room && room.Free < LittleShared
            ? HealthFinding.Warning(name, $"{Shared}: {room}", "PostgreSQL may run out of it in a large query.", remedy)
            : HealthFinding.Good(name, $"{Shared}: {DiskHealth.Room(Shared)}");
    }

    /// <summary>Without ICU .NET has two forms of one name for two names.</summary>
    private static HealthFinding Unicode(string root)
    {
        const string name = "icu";
        if (AppContext.TryGetSwitch("System.Globalization.Invariant", out var invariant) && invariant
            || Environment.GetEnvironmentVariable("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT") is "1" or "true")
        {
            return HealthFinding.Warning(
                name, "switched off (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT)", "dataset pack refuses names beyond ASCII.",
                "Install libicu and take the variable away.");
        }
        return HealthFinding.Good(name, Library(root) is { } library ? $"loaded: {library}" : "loaded");
    }

    private static string? Library(string root)
    {
        try
        {
            return File.ReadLines(Path.Combine(root, "proc/self/maps")).Select(line => Path.GetFileName(line.Split(' ')[^1]))
                .FirstOrDefault(file => file.StartsWith("libicuuc", StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
