namespace ChangeDetection.Core.Storage;

/// <summary>An object as the row or the manifest describes it that published it.</summary>
/// <param name="Sha256">As <see cref="Hashing.Sha256Hex"/> writes it.</param>
/// <param name="Remedy">What to do when the object is damaged: a sentence that ends the message.</param>
public sealed record PublishedObject(ObjectKey Key, string Sha256, string Remedy);

/// <summary>An object is not the one that was published. Nothing that was read of it may be used.</summary>
/// <param name="problem">What is wrong, and the remedy.</param>
public sealed class ObjectDamagedException(Uri root, ObjectKey key, string problem, Exception? inner = null)
    : IOException($"{root}: '{key}': {problem}", inner)
{
    public ObjectKey Key { get; } = key;
    public string Problem { get; } = problem;
}
