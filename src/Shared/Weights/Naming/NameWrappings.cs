using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Naming;

/// <summary>
/// What wrappers of a network put before all names of its state dictionary: DataParallel and the moving average <c>module.</c>, torch.compile
/// <c>_orig_mod.</c>, a module that holds the network under an attribute <c>model.</c> or <c>net.</c>. No network here has names that all begin so.
/// </summary>
internal static class NameWrappings
{
    private static readonly string[] s_prefixes = ["module.", "_orig_mod.", "model.", "net."];

    /// <summary>The counter that torch.optim.swa_utils.AveragedModel has beside the network that it wraps.</summary>
    private const string AverageCounter = "n_averaged";

    /// <summary>The names without them, however many there are; a note says what was taken off.</summary>
    public static WeightsFile Remove(WeightsFile file)
    {
        var names = file.Tensors.Keys.Where(name => name != AverageCounter).ToList();
        var wrapping = "";
        while (names.Count > 0 && s_prefixes.FirstOrDefault(prefix => names.TrueForAll(name => Wraps(wrapping + prefix, name))) is { } next)
            wrapping += next;
        if (wrapping.Length == 0)
            return file;
        var unwrapped = names.Select(name => file.Tensors[name] with { Name = name[wrapping.Length..] });
        var counter = names.Count < file.Tensors.Count ? $" {AverageCounter} stood beside them and was left out." : "";
        return file with
        {
            Tensors = unwrapped.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal),
            Notes = [.. file.Notes, $"All names began with '{wrapping}', which a wrapper of the network puts there; it was taken off.{counter}"],
        };
    }

    private static bool Wraps(string wrapping, string name) => name.Length > wrapping.Length && name.StartsWith(wrapping, StringComparison.Ordinal);
}
