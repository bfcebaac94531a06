namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>A rule that a config breaks together with something that is no config: a data set.</summary>
/// <param name="Path">The key to correct, such as <c>model.channels</c>, or <c>dataset.train.mix[0].split</c>.</param>
/// <param name="Message">The broken rule, as the rest of a sentence that begins with the key, without a full stop.</param>
/// <param name="Remedy">What to write instead: whole sentences.</param>
/// <param name="With">Other keys that decide, in the order in which one of them is shown where the file does not write the key itself.</param>
public sealed record ConfigViolation(string Path, string Message, string Remedy, params string[] With)
{
    /// <summary><c>key.path: message. Remedy</c></summary>
    public override string ToString() => $"{Path}: {Message}. {Remedy}";
}
