namespace ChangeDetection.Core.Configuration;

/// <summary>A configuration that cannot be used. It carries every error found, so that one correction round is enough.</summary>
public sealed class ConfigurationException : Exception
{
    /// <param name="errors">At least one, in the order of their places.</param>
    public ConfigurationException(IReadOnlyList<ConfigurationError> errors, Exception? inner = null) : base(Describe(errors), inner)
    {
        Errors = errors;
    }

    public ConfigurationException(ConfigurationError error, Exception? inner = null) : this([error], inner)
    {
    }

    public IReadOnlyList<ConfigurationError> Errors { get; }

    private static string Describe(IReadOnlyList<ConfigurationError> errors)
    {
        ArgumentOutOfRangeException.ThrowIfZero(errors.Count);
        return errors.Count == 1
            ? errors[0].ToString()
            : $"{errors.Count} errors:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(e => "  " + e))}";
    }
}
