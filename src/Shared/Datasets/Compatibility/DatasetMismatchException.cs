using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>The config and the data set do not fit together. The message names the key of the config, what the data set has, and the remedy.</summary>
public sealed class DatasetMismatchException(string message) : Exception(message)
{
    /// <param name="violations">At least one.</param>
    internal DatasetMismatchException(IReadOnlyList<ConfigViolation> violations) : this(string.Join('\n', violations))
    {
    }
}
