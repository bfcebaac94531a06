namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>One reader under fuzz.</summary>
/// <param name="Seeds">Sound inputs, small.</param>
/// <param name="Repair">What makes a mutated input reach behind the first check: checksums, lengths. Every second input gets it.</param>
/// <param name="Read">Reads an input; throws nothing but the reader's own exception, which <paramref name="IsRefusal"/> knows.</param>
/// <param name="Budget">Managed bytes that one read may allocate on its thread, beyond some times its input.</param>
internal sealed record FuzzTarget(
    string Name, Func<IReadOnlyList<byte[]>> Seeds, Func<Mutator, byte[], byte[]> Repair,
    Action<byte[]> Read, Func<Exception, bool> IsRefusal, long Budget = 24 << 20);
