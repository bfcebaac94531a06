namespace ChangeDetection.Core.Storage;

/// <summary>
/// A relative key of slash-separated segments of ASCII letters, digits and <c>- _ . = @ + ,</c>. No segment is empty, <c>.</c> or <c>..</c>,
/// starts with <c>-</c>, ends with a dot, is a Windows device name, or is longer than 128; the key is at most 512 long.
/// A key therefore never leaves the root it is joined to, on any backend.
/// </summary>
public readonly record struct ObjectKey
{
    private readonly string? _value;

    /// <exception cref="ArgumentException">The key breaks one of the rules above.</exception>
    public ObjectKey(string value)
    {
        _value = ObjectKeyRules.Violation(value) is { } rule
            ? throw new ArgumentException($"Object key '{value}' {rule}.", nameof(value))
            : value;
    }

    public string Value => _value ?? throw new InvalidOperationException("An object key that was never set.");

    public static ObjectKey operator /(ObjectKey prefix, string rest) => new($"{prefix.Value}/{rest}");

    public override string ToString() => Value;
}
