using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// Tells whether two configs ask for the same result. Left out is what can change none: the name, the loader's memory, device class and
/// priority, retries, pictures, published figures, and how often and how many checkpoints are kept. <c>resources.threads</c> is in: it changes the bits.
/// </summary>
public static class ExperimentDigest
{
    /// <summary>
    /// SHA-256, in lower-case hexadecimal, of the config as JSON: defaults filled in, keys in ordinal order, no white space, numbers in the
    /// shortest form that reads back to the same bits.
    /// </summary>
    public static string Of(ExperimentConfig config) =>
        Sha256Hex.Of(ExperimentJson.Write(config, JsonForm.Result).Span);
}
