namespace ChangeDetection.Worker.Devices;

/// <summary>The processor's name, for people.</summary>
public static class CpuName
{
    public static string OfThisMachine()
    {
        const string key = "model name";
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(text => text.StartsWith(key, StringComparison.Ordinal)) : null;
        var name = line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "CPU";
        return $"{name}, {Environment.ProcessorCount} cores";
    }
}
