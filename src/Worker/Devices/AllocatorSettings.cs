namespace ChangeDetection.Worker.Devices;

/// <summary>
/// Environment of a trainer process, read by the C library at its start: keep freed memory instead of giving it back to the system behind every step.
/// The buffers of a step are the same each time, and mapping them anew costs 10 to 25 % of it.
/// </summary>
public static class AllocatorSettings
{
    private const string FourGiB = "4294967296";

    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["MALLOC_TOP_PAD_"] = "268435456",
        ["MALLOC_MMAP_THRESHOLD_"] = FourGiB,
        ["MALLOC_TRIM_THRESHOLD_"] = FourGiB,
    };
}
